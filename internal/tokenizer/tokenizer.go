package tokenizer

import (
	"fmt"
	"sync"
	"unicode/utf8"
	"unsafe"
)

// A Set holds the encodings that have been asked for. An encoding is unpacked on first
// use (some 50 ms and 10 MB for o200k_base) and stays. The zero value is ready; a Set is
// safe for concurrent use and must not be copied after first use.
type Set struct {
	o200k, cl100k, p50k, r50k slot
}

type slot struct {
	once     sync.Once
	encoding *Encoding
	err      error
}

// Encoding returns the encoding of that name: "o200k_base", "cl100k_base",
// "p50k_base" or "r50k_base". "o200k_harmony" and "p50k_edit" differ from o200k_base
// and p50k_base in special tokens alone and are the same here. Any other name is an error.
func (s *Set) Encoding(name string) (*Encoding, error) {
	switch name {
	case "o200k_base", "o200k_harmony":
		return s.o200k.load("o200k_base", o200kFile, -1, splitO200k)
	case "cl100k_base":
		return s.cl100k.load("cl100k_base", cl100kFile, -1, splitCl100k)
	case "p50k_base", "p50k_edit":
		return s.p50k.load("p50k_base", p50kFile, -1, splitR50k)
	case "r50k_base":
		return s.r50k.load("r50k_base", p50kFile, r50kTokens, splitR50k)
	}
	return nil, fmt.Errorf("unknown encoding %q: want o200k_base, cl100k_base, p50k_base or r50k_base", name)
}

func (s *slot) load(name, file string, limit int, split splitFunc) (*Encoding, error) {
	s.once.Do(func() {
		v, err := loadVocabulary(file, limit)
		if err != nil {
			s.err = fmt.Errorf("load encoding %s: %w", name, err)
			return
		}
		s.encoding = &Encoding{name: name, split: split, vocabulary: v}
	})
	return s.encoding, s.err
}

// An Encoding turns text into tokens and back. It is safe for concurrent use.
type Encoding struct {
	name  string
	split splitFunc
	*vocabulary
	scratch sync.Pool // of *scratch
}

// Name returns the encoding's canonical name, such as "o200k_base".
func (e *Encoding) Name() string { return e.name }

// Count returns the number of tokens of text: len(e.Encode(nil, text)), without
// making them.
func (e *Encoding) Count(text []byte) int {
	s := e.borrow()
	defer e.scratch.Put(s)
	text = s.valid(text)
	n := 0
	for i := 0; i < len(text); {
		j := e.split(text, i)
		n += e.countPiece(s, text, i, j)
		i = j
	}
	return n
}

// CountString is Count for a string.
func (e *Encoding) CountString(text string) int {
	// Count only reads, so the string's own bytes will do.
	return e.Count(unsafe.Slice(unsafe.StringData(text), len(text)))
}

// Encode appends the tokens of text to dst.
func (e *Encoding) Encode(dst []uint32, text []byte) []uint32 {
	s := e.borrow()
	defer e.scratch.Put(s)
	text = s.valid(text)
	for i := 0; i < len(text); {
		j := e.split(text, i)
		dst = e.encodePiece(s, dst, text, i, j)
		i = j
	}
	return dst
}

// Decode returns the bytes of the tokens, which need not be UTF-8 when the tokens
// are not all of a text's. A token that the encoding does not have, a special one included, is
// an error.
func (e *Encoding) Decode(tokens []uint32) ([]byte, error) {
	size := 0
	for i, t := range tokens {
		n := len(e.token(t))
		if n == 0 {
			return nil, fmt.Errorf("decode %s: token %d at %d is not in the vocabulary", e.name, t, i)
		}
		size += n
	}
	text := make([]byte, 0, size)
	for _, t := range tokens {
		text = append(text, e.token(t)...)
	}
	return text, nil
}

func (e *Encoding) borrow() *scratch {
	if s, ok := e.scratch.Get().(*scratch); ok {
		return s
	}
	return new(scratch)
}

// scratch is the working space of one call.
type scratch struct {
	text            []byte // the text made valid, if it was not
	now, next, pair []int32
	scan            scanMerge
	heap            heapMerge
}

// valid returns text, or its lossy conversion if it is not UTF-8.
func (s *scratch) valid(text []byte) []byte {
	if utf8.Valid(text) {
		return text
	}
	s.text = appendLossy(s.text[:0], text)
	return s.text
}
