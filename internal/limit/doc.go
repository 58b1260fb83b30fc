// Package limit says whether there is room. Admission takes a hold for the worst
// case on every limit that applies, all or none; settlement gives the rest back,
// exactly once. So N callers on the last token cannot overspend it: what is held
// counts as spent until it is known better.
//
// A limit counts in accounts: one, or one for each value of the dimensions it is
// told apart by. An account cuts time into spans: the windows of the calendar, or
// the slots of a sliding one. A request counts in the span in which it began, also
// when it ends much later, because that is where the ledger has it: what accounts
// hold can be rebuilt from there, to the token. Only in a sliding period it counts from
// its admission on, or a body sent slowly would leave the period early.
//
// What an account may use is its share of the limit. A Bank hands shares out; it
// is asked only when a share runs out, so the usual request waits for nobody. One
// gateway alone gets all there is at the first question.
package limit
