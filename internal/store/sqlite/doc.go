// Package sqlite keeps the ledger and the objects in one SQLite file, in WAL mode.
//
// One connection writes. It commits with synchronous=FULL: a batch that Append
// has accepted survives a power cut, so the journal behind it may be removed. With
// hundreds of entries in a batch the sync costs nothing that could be measured.
// Reports run on connections of their own that cannot write, with a time limit and
// a limit on rows; in WAL mode they never make the writer wait.
//
// An insert costs by the column. What many entries have in common is therefore
// kept once, in the tables series and traits, and an entry refers to it by number;
// the view usage_entries puts everything together for human eyes. Entries are also
// summed up by the hour and series in the transaction that adds them, so that a
// report over millions of entries reads thousands of rows.
//
// Repricing leaves entries as they were written, since the chain of hashes covers
// them. The new cost is in the table corrections, and the sums change by the
// difference in the same transaction. For that to be all, an entry must not move to
// another series: pricing is one of the traits, and sums only count what is unpriced.
// A report by pricing therefore reads entries.
//
// The file also has the objects that change at run time. Their few writes share the
// connection, and make a gentle batch of entries hurry.
package sqlite
