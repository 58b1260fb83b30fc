// Package ledger keeps the record of what happened: one request, one entry,
// exactly once, whatever dies in between.
//
// A request passes the ledger twice. Before the first byte of its answer leaves
// the gateway, Intend writes a durable intent that says the answer is owed and
// what it may cost at worst; at its end, Record hands over the finished entry.
// Both are appended to a journal of segment files, framed and checked by CRC32C.
// One goroutine writes what has gathered with one write and one fdatasync (group
// commit), because a sync costs some 40 µs of CPU and shared by many requests it
// costs next to nothing. Intents are waited for, hidden behind the upstream's own
// latency; entries are not, and ride along.
//
// A second goroutine, the importer, reads the journal and moves finished entries
// into the Store in batches, together with the number of the last record they
// came from, in one transaction. So each entry arrives once, without an index
// over all ids, and a slow or absent store never slows a request: the journal
// grows until Options.MaxBytes, then new requests are refused (Intend fails)
// rather than served off the books.
//
// Every record carries a number that increases by one over the life of the
// journal. A missing number is lost data and is reported with its extent; a
// number seen twice (a group written again after the disk failed) is read once.
// A segment is removed once the store has its entries for good; intents that are
// still open are first written again at the journal's end, so an hour-long stream
// holds on to a few hundred bytes and not to an hour of journal.
//
// When the ledger opens it imports what was left, turns every intent that has no
// entry into an entry with outcome unsettled, counted at its hold, and only then
// accepts new work.
//
// What an entry cost is as immutable as the rest of it. Reprice works it out anew by
// other prices, and keeps the result beside the entry.
//
// The order of records is the order of their numbers. No clock decides anything
// but the pace, so a clock that jumps changes nothing but the times shown.
package ledger
