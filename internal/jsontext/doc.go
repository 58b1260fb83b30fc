// Package jsontext reads JSON as it stands, without decoding it and, but for escapes,
// without allocating. There are two ways, for two sides:
//
//   - [String] and [Number] are strict, as RFC 8259 and UTF-8 have it, and say where a text
//     ceases to be JSON and why: for what a caller sent, which is checked before it is believed.
//   - [Members], [Elements], [SkipValue] and what is built on them take what a service
//     answered, which may be cut off or wrong: on valid JSON they agree with encoding/json; on
//     anything else they stop where it ceases to make sense and give what came before.
//
// Its functions keep nothing and are safe for concurrent use; what they return points into
// what they were given.
package jsontext
