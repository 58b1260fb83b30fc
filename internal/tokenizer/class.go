package tokenizer

import (
	_ "embed" // the class table
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// A class says which character sets of the patterns a code point belongs to. The sets
// are those of the Unicode version that OpenAI's tokenizer was built with, which is not
// the one of Go's package unicode.
type class uint8

const (
	upper   class = 1 << iota // [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]
	lower                     // [\p{Ll}\p{Lm}\p{Lo}\p{M}]
	prefix                    // [^\r\n\p{L}\p{N}]
	other                     // [^\s\p{L}\p{N}]
	space                     // \s
	newline                   // [\r\n]
	number                    // \p{N}
	letter                    // \p{L}
)

// classTable is a table in two stages: a byte for each 256 code points gives their
// block, blocks follow with a class for each code point. The first block is that of
// the first 256 code points. difftest/classes.mjs writes it.
//
//go:embed data/classes.bin
var classTable string

// blocks is where the blocks begin in classTable.
const blocks = (utf8.MaxRune + 1) / 256

// classAt returns the class of the character at text[i] and its length in bytes. The
// text must be UTF-8.
func classAt(text []byte, i int) (class, int) {
	if b := text[i]; b < utf8.RuneSelf {
		return class(classTable[blocks+int(b)]), 1
	}
	return wideClassAt(text, i)
}

// wideClassAt is classAt for characters of two bytes and more.
func wideClassAt(text []byte, i int) (class, int) {
	var r, size int
	switch b := int(text[i]); {
	case b < 0xE0:
		r, size = b&0x1F<<6|int(text[i+1]&0x3F), 2
	case b < 0xF0:
		r, size = b&0x0F<<12|int(text[i+1]&0x3F)<<6|int(text[i+2]&0x3F), 3
	default:
		r, size = b&0x07<<18|int(text[i+1]&0x3F)<<12|int(text[i+2]&0x3F)<<6|int(text[i+3]&0x3F), 4
	}
	block := int(classTable[r>>8])
	return class(classTable[blocks+block<<8+r&0xFF]), size
}

// isAt reports whether there is a character at text[i] and it belongs to one of the
// sets.
func isAt(text []byte, i int, sets class) bool {
	if i >= len(text) {
		return false
	}
	c, _ := classAt(text, i)
	return c&sets != 0
}

// run returns the end of the longest run from text[i] of characters that belong to
// one of the sets.
func run(text []byte, i int, sets class) int {
	ascii := classTable[blocks : blocks+utf8.RuneSelf]
	for i < len(text) {
		if b := int(text[i]); b < len(ascii) {
			if class(ascii[b])&sets == 0 {
				break
			}
			i++
			continue
		}
		c, size := wideClassAt(text, i)
		if c&sets == 0 {
			break
		}
		i += size
	}
	return i
}

// Each of these repeats one byte eight times.
const (
	eachTop   = 0x8080808080808080
	eachA     = 0x6161616161616161 // 'a'
	eachPastZ = 0x7B7B7B7B7B7B7B7B // 'z' + 1
	eachCase  = 0x2020202020202020 // what tells 'a' from 'A'
)

// runWord is run for the set lower or letter, the first of which is taken to hold 'a' to
// 'z' and the second 'A' to 'Z' as well. It takes those eight at a time: most words
// are shorter, so that their end costs no branch that is hard to predict.
func runWord(text []byte, i int, set class) int {
	fold := uint64(0)
	if set == letter {
		fold = eachCase
	}
	for ; i+8 <= len(text); i += 8 {
		x := binary.LittleEndian.Uint64(text[i:])
		y := x | fold | eachTop
		// The top bit of each byte: at least 'a', and not past 'z', and ASCII.
		in := (y - eachA) &^ (y - eachPastZ) &^ x
		if out := ^in & eachTop; out != 0 {
			i += bits.TrailingZeros64(out) / 8
			break
		}
	}
	return run(text, i, set)
}
