package wire

import (
	"bytes"
	"fmt"

	"github.com/tallygate/tallygate"
)

// formReader reads a form (multipart/form-data, RFC 7578) as it comes, in pieces of
// any size, and hands out its parts with their places. It keeps little of them.
//
// It is stricter than the readers behind: what those could take in different ways
// (text before the first boundary, line ends that are no CRLF, a boundary inside a
// part, encodings, parts in parts) is refused, so that what was read here is what
// they read.
type formReader struct {
	delim []byte // two dashes and the boundary
	part  func(*formPart) error

	state  formState
	window []byte // what came and is not dealt with
	base   int64  // its place in the body
	now    formPart
	parts  int
	behind int64 // how much came behind the last boundary
}

// formState is what comes next in a form.
type formState uint8

const (
	atBegin   formState = iota // the first boundary
	atHeader                   // a part's header
	atContent                  // its contents
	atEnd                      // nothing, behind the last boundary
)

var (
	crlf      = []byte("\r\n")
	blankLine = []byte("\r\n\r\n")
)

// feed reads the next piece.
func (f *formReader) feed(p []byte) error {
	f.window = append(f.window, p...)
	at := 0
	for {
		n, more, err := f.step(f.window[at:], f.base+int64(at))
		if err != nil {
			return err
		}
		if at += n; !more {
			break
		}
	}
	f.base += int64(at)
	f.window = f.window[:copy(f.window, f.window[at:])]
	return nil
}

// end is called at the body's end.
func (f *formReader) end() error {
	if f.behind == 1 {
		return badForm("its closing boundary is followed by half a line end")
	}
	if f.state != atEnd {
		return badForm("it ends, after %d bytes, before its closing boundary", f.base+int64(len(f.window)))
	}
	return nil
}

// step deals with the beginning of w, whose place in the body is given, and returns
// how much of it is done; more says that the next step can follow at once.
func (f *formReader) step(w []byte, at int64) (n int, more bool, err error) {
	switch f.state {
	case atBegin:
		return f.begin(w, at)
	case atHeader:
		return f.header(w, at)
	case atContent:
		return f.content(w, at)
	}
	return f.trailer(w, at)
}

// trailer reads what is behind the last boundary: nothing, or a line end and white space.
func (f *formReader) trailer(w []byte, at int64) (n int, more bool, err error) {
	for i, c := range w {
		switch {
		case f.behind < int64(len(crlf)) && c != crlf[f.behind], c != ' ' && c != '\t' && c != '\r' && c != '\n':
			return 0, false, badForm("something follows its closing boundary, at offset %d", at+int64(i))
		}
		f.behind++
	}
	return len(w), false, nil
}

// begin reads the first boundary, with one line end before it at most.
func (f *formReader) begin(w []byte, at int64) (n int, more bool, err error) {
	if at == 0 && bytes.HasPrefix(w, crlf) {
		n = len(crlf)
	}
	want := min(len(w)-n, len(f.delim))
	if !bytes.Equal(w[n:n+want], f.delim[:want]) && !(at == 0 && string(w) == "\r") {
		return 0, false, badForm("it does not begin with the boundary that its Content-Type names, --%s", f.delim[2:])
	}
	if len(w)-n < len(f.delim)+len(crlf) {
		return 0, false, nil
	}
	return f.bounded(w, n+len(f.delim), at)
}

// bounded reads what follows a boundary, which ends at i.
func (f *formReader) bounded(w []byte, i int, at int64) (n int, more bool, err error) {
	switch string(w[i : i+2]) {
	case "\r\n":
		f.state = atHeader
		f.now = formPart{head: f.now.head[:0]}
		if f.parts++; f.parts > maxParts {
			return 0, false, badForm("it has more than %d parts", maxParts)
		}
	case "--":
		f.state = atEnd
	default:
		return 0, false, badForm("its boundary stands inside a part or is not followed by a line end, at offset %d", at+int64(i))
	}
	return i + 2, true, nil
}

// header reads a part's header.
func (f *formReader) header(w []byte, at int64) (n int, more bool, err error) {
	end := bytes.Index(w, blankLine)
	switch {
	case bytes.HasPrefix(w, crlf):
		return 0, false, badForm("the part at offset %d has no header", at)
	case end < 0 && len(w) <= maxPartHeader:
		return 0, false, nil
	case end < 0 || end > maxPartHeader:
		return 0, false, badForm("the part at offset %d has a header of more than %d bytes", at, maxPartHeader)
	}
	if wrong := f.now.readHeader(string(w[:end])); wrong != "" {
		return 0, false, badForm("%s, at offset %d", wrong, at)
	}
	n = end + len(blankLine)
	f.state, f.now.from = atContent, at+int64(n)
	return n, true, nil
}

// content reads a part's contents up to the boundary behind them. The line end before
// the boundary belongs to it.
func (f *formReader) content(w []byte, at int64) (n int, more bool, err error) {
	for from := 0; ; {
		i := bytes.Index(w[from:], f.delim)
		if i < 0 {
			// A boundary may have begun, and the line end before it.
			n = max(len(w)-len(f.delim)-1, 0)
			f.now.keep(w[:n])
			return n, false, nil
		}
		i += from
		if i >= 2 && w[i-2] == '\r' && w[i-1] == '\n' {
			return f.ends(w, i, at)
		}
		// One that begins w behind the contents' beginning was looked at before.
		if i == 0 && at == f.now.from || i > 0 && (w[i-1] == '\n' || w[i-1] == '\r') {
			return 0, false, badForm("its boundary stands inside a part, at offset %d", at+int64(i))
		}
		from = i + 1
	}
}

// ends ends a part whose contents a boundary follows, at i.
func (f *formReader) ends(w []byte, i int, at int64) (n int, more bool, err error) {
	behind := i + len(f.delim)
	if len(w) < behind+2 {
		f.now.keep(w[:i-2])
		return i - 2, false, nil
	}
	f.now.keep(w[:i-2])
	f.now.to = at + int64(i-2)
	if err := f.part(&f.now); err != nil {
		return 0, false, err
	}
	return f.bounded(w, behind, at)
}

// badForm refuses a form.
func badForm(format string, args ...any) *tallygate.Error {
	return &tallygate.Error{
		Kind: tallygate.BadRequest, Code: "InvalidForm",
		Message: "The form (multipart/form-data) cannot be read: " + fmt.Sprintf(format, args...) + ".",
	}
}
