// Package tallygate holds the words of the gateway: who asks (Caller), for what
// (Ask), where it may go (Deployment), what it cost (Usage), what happened
// (Entry) and why not (Error). They are plain values without behaviour that
// needs I/O, and they import nothing but the standard library, so that every
// step of a request's way can speak them without knowing any other step.
package tallygate
