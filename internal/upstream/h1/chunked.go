package h1

import (
	"bytes"
	"io"
)

// maxChunkLine bounds a chunk's size line with its extensions, in bytes.
const maxChunkLine = 1 << 10

// step is where in the chunked framing the next received byte lies.
type step uint8

const (
	atSize    step = iota // a chunk's size line
	inChunk               // left bytes of data
	behind                // the line end behind the data
	atTrailer             // the trailer, at least an empty line
	done
)

// unchunk returns the data that was received, moved together over the framing
// between its chunks; nil when a read is needed first. What is wrong behind the
// data is found again, and told, by the next call.
func (b *Body) unchunk() ([]byte, error) {
	c := b.x.c
	start, end := 0, 0 // of the data, in the buffer
	for {
		ready, err := b.frame(end > start)
		if !ready {
			if end > start {
				return c.buf[start:end], nil
			}
			return nil, err
		}
		n := int(min(int64(c.w-c.r), b.left))
		if end == start {
			start, end = c.r, c.r
		}
		copy(c.buf[end:], c.buf[c.r:c.r+n])
		c.r, end, b.left = c.r+n, end+n, b.left-int64(n)
		if b.left == 0 {
			b.step = behind
		}
	}
}

// frame consumes framing up to the next data. It is ready when a byte of data is
// there; otherwise a read is needed or err tells, io.EOF at the end. While data is
// held, which lies in the buffer, it does not read, not even a trailer.
func (b *Body) frame(held bool) (ready bool, err error) {
	c := b.x.c
	for {
		in := c.buf[c.r:c.w]
		switch b.step {
		case inChunk:
			return len(in) > 0, nil
		case behind:
			if len(in) > 0 && in[0] != '\r' || len(in) > 1 && in[1] != '\n' {
				return false, protocolError("chunk is longer than its size")
			}
			if len(in) < 2 {
				return false, nil
			}
			c.r += 2
			b.step = atSize
		case atSize:
			end := bytes.IndexByte(in, '\n')
			if end < 0 && len(in) < maxChunkLine {
				return false, nil
			}
			if b.left, err = chunkSize(in[:end+1]); err != nil {
				return false, err
			}
			c.r += end + 1
			if b.step = inChunk; b.left == 0 {
				b.step = atTrailer
			}
		case atTrailer:
			if held && !bytes.HasPrefix(in, []byte("\r\n")) {
				return false, nil
			}
			raw, lines, err := c.readLines("trailer")
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			if err == nil {
				err = b.trailer(raw, lines)
			}
			if err != nil {
				return false, err
			}
			b.step = done
		case done:
			return false, io.EOF
		}
	}
}

// chunkSize reads a chunk's size line, with its line end. Extensions are skipped.
func chunkSize(line []byte) (int64, error) {
	n, digits := int64(0), 0
	for _, b := range line {
		d := int64(0)
		switch {
		case '0' <= b && b <= '9':
			d = int64(b - '0')
		case 'a' <= b && b <= 'f':
			d = int64(b-'a') + 10
		case 'A' <= b && b <= 'F':
			d = int64(b-'A') + 10
		default:
			rest := bytes.TrimLeft(line[digits:], " \t")
			end := bytes.IndexByte(rest, '\r')
			if digits == 0 || end < 0 || end != len(rest)-2 || end > 0 && rest[0] != ';' {
				return 0, protocolError("chunk size line %q", cut(string(line)))
			}
			return n, nil
		}
		if digits++; digits > 16 || n > (1<<63-1)>>4 {
			return 0, protocolError("chunk size line %q", cut(string(line)))
		}
		n = n<<4 | d
	}
	return 0, protocolError("chunk size line %q", cut(string(line)))
}
