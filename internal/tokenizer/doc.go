// Package tokenizer counts, encodes and decodes text in OpenAI's byte-pair encodings
// o200k_base, cl100k_base, p50k_base and r50k_base.
//
// The contract is equality with OpenAI's own tokenizer: for every text, the tokens
// are those of tiktoken's encode_ordinary, in which a special token such as
// "<|endoftext|>" is text like any other. Text that is not UTF-8 counts like its
// lossy conversion: every maximal ill-formed part is one U+FFFD. Golden files prove
// the equality in every test run, and TALLYGATE_NODE_TESTS=1 runs both side by side
// (see the folder difftest).
//
// Whoever sends a request chooses the text, so time is near linear and memory is
// bounded for every text, not only for likely ones: the two patterns that cut a text into pieces
// are written by hand instead of run by a backtracking regexp engine, and a long
// piece is merged window by window (see merge.go for why that is exact).
//
// Everything is safe for concurrent use but Counter, which belongs to one stream.
// Counting allocates nothing once an encoding's scratch space has warmed up.
package tokenizer
