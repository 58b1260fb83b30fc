package meter

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/jsontext"
)

const (
	// maxWhole bounds an answer of known length that is read whole before any of
	// it is sent: it goes out in one write, and can fail over until then.
	maxWhole = 32 << 10
	// maxKept bounds the copy of a longer one that is kept to count its text, in
	// case it tells no usage.
	maxKept = 256 << 10
	// maxDecoded bounds what is read of a compressed copy.
	maxDecoded = 16 << 20
)

// body copies an answer that is no stream of events.
type body struct {
	m   *Meter
	a   Answer
	res *http.Response
	w   http.ResponseWriter
	rc  *http.ResponseController // flushes as it comes; nil when at the end will do
	r   *reading
	out Result

	json    bool   // it is read as JSON on its way
	encoded bool   // it is compressed: nothing can be read on its way
	keep    bool   // kept is filled
	whole   bool   // it is sent in one piece
	kept    []byte // its beginning
	seen    int64  // bytes read of it
	stopped bool   // Before failed
	gone    error  // the client went away, and the rest is only read
	left    int64  // of it, in bytes
	idle    idleWatch
}

// copyBody copies an answer that is no stream of events. A compressed one passes
// as it is; what gzip made is read afterwards from a bounded copy.
func (m *Meter) copyBody(w http.ResponseWriter, res *http.Response, a Answer) (Result, error) {
	b := &body{m: m, a: a, res: res, w: w}
	b.r = m.reading(&b.a)
	defer m.release(b.r)
	b.prepare()
	src := m.open(res.Body)
	defer m.shut(&src)
	b.idle.start(res.Body, a.Idle)
	defer b.idle.stop()
	err := b.copy(&src)
	if b.idle.stop() {
		err = errIdle
	}
	err = b.conclude(err)
	b.look()
	b.r.spare = b.kept
	b.r.report(&b.a, &b.out)
	if b.out.Committed || b.out.Outcome == tallygate.Aborted {
		b.out.Usage = m.settle(b.r, &b.a, &b.out, res)
	}
	return b.out, err
}

// prepare decides how the body is read and sent.
func (b *body) prepare() {
	kind := b.res.Header.Get("Content-Type")
	encoding := b.res.Header.Get("Content-Encoding")
	b.encoded = encoding != "" && !strings.EqualFold(encoding, "identity")
	b.json = !b.encoded && isJSON(kind)
	b.whole = b.res.ContentLength > 0 && b.res.ContentLength <= maxWhole && !bodiless(b.res)
	switch {
	case b.encoded:
		b.keep = strings.EqualFold(encoding, "gzip") && billable(b.res)
	case b.json:
		b.keep = b.a.API.counted() && billable(b.res)
	}
	if !b.json && b.res.ContentLength < 0 {
		b.rc = http.NewResponseController(b.w) // sound may come as slowly as it is spoken
	}
	b.keep = b.keep || b.whole
	b.kept = b.r.spare[:0]
}

// isJSON reports whether a content type is JSON.
func isJSON(kind string) bool {
	kind, _, _ = strings.Cut(kind, ";")
	kind = strings.TrimSpace(kind)
	return strings.EqualFold(kind, "application/json") || strings.HasSuffix(kind, "+json")
}

// bodiless reports whether an answer has no body whatever its length says.
func bodiless(res *http.Response) bool {
	return res.Body == http.NoBody || res.StatusCode == http.StatusNoContent || res.StatusCode == http.StatusNotModified ||
		res.Request != nil && res.Request.Method == http.MethodHead
}

// copy copies the body to its end. The error is nil when it went out whole.
func (b *body) copy(src *source) error {
	for {
		p, err := src.next()
		if !b.idle.saw() {
			return errIdle
		}
		b.read(p)
		done := b.seen >= b.res.ContentLength
		if !b.out.Committed && (done || !b.whole) {
			if no := b.refusal(err == io.EOF); no != nil {
				return no
			}
		}
		if !b.whole {
			if err := b.send(p); err != nil {
				return err
			}
		}
		switch {
		case b.whole && done:
			return b.write(b.kept)
		case b.res.ContentLength > 0 && done:
			return b.gone
		case err == io.EOF && b.seen < b.res.ContentLength && !bodiless(b.res):
			return io.ErrUnexpectedEOF
		case err == io.EOF && b.gone != nil:
			return b.gone
		case err == io.EOF:
			return b.commit()
		case err != nil:
			return err
		}
	}
}

// errEmpty is an answer without a body where there should be one.
var errEmpty = errors.New("the answer is empty")

// refusal returns why what has come of an answer is none; nil when it may be one. ended
// says that no more comes.
func (b *body) refusal(ended bool) error {
	if !b.a.Inference || b.res.StatusCode >= 300 || bodiless(b.res) && b.res.Request != nil && b.res.Request.Method == http.MethodHead {
		return nil
	}
	if b.seen == 0 {
		if ended {
			return &Failure{Err: errEmpty}
		}
		return nil
	}
	if b.json && b.r.refuses() {
		return b.r.refusal(b.res.Header)
	}
	return nil
}

// read reads a piece beside.
func (b *body) read(p []byte) {
	b.seen += int64(len(p))
	if b.json {
		b.r.tap.feed(p)
	}
	if b.keep && len(b.kept) < maxKept {
		b.kept = append(b.kept, p[:min(len(p), maxKept-len(b.kept))]...)
	}
}

// send sends a piece. When the client has gone it may be left out: the rest is read
// for the usage at its end.
func (b *body) send(p []byte) error {
	if b.gone == nil {
		err := b.write(p)
		if !errors.Is(err, errClient) || b.a.ReadOn == nil || !b.a.ReadOn() {
			return err
		}
		b.gone, b.left = err, MaxReadOn
	}
	if b.left -= int64(len(p)); b.left < 0 {
		return b.gone
	}
	return nil
}

// errClient marks errors of the client's side.
var errClient = errors.New("the client went away")

// write sends a piece, after the header.
func (b *body) write(p []byte) error {
	if len(p) == 0 {
		return nil
	}
	if err := b.commit(); err != nil {
		return err
	}
	if b.out.FirstByte.IsZero() {
		b.out.FirstByte = time.Now()
	}
	n, err := b.w.Write(p)
	b.out.Bytes += int64(n)
	if err == nil && b.rc != nil {
		if err = b.rc.Flush(); errors.Is(err, http.ErrNotSupported) {
			err = nil
		}
	}
	if err != nil {
		return fmt.Errorf("%w: write: %w", errClient, err)
	}
	return nil
}

// commit sends the header, once.
func (b *body) commit() error {
	if b.out.Committed {
		return nil
	}
	if b.a.Before != nil {
		if err := b.a.Before(); err != nil {
			b.stopped = true
			return err
		}
	}
	b.out.Committed = true
	b.w.WriteHeader(b.res.StatusCode)
	return nil
}

// conclude decides how the copy ended.
func (b *body) conclude(err error) error {
	switch {
	case err == nil:
		b.out.Outcome = tallygate.Answered
		return nil
	case errors.Is(err, errClient), canceled(b.res, err):
		b.out.Outcome = tallygate.Aborted
		return err
	case b.stopped:
		b.out.Outcome = tallygate.Failed
		return err
	}
	b.out.Outcome = tallygate.Failed
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		return refusal
	}
	if failure, ok := errors.AsType[*Failure](err); ok {
		return failure
	}
	return &Failure{Err: fmt.Errorf("read the upstream's answer: %w", err)}
}

// look takes over what the tap found, and reads the text from the copy if the
// answer told no usage.
func (b *body) look() {
	text := b.kept
	if b.encoded && b.keep {
		text = b.decode()
	}
	b.r.unread = b.encoded && (!b.keep || b.seen > int64(len(b.kept)))
	b.r.facts(&b.r.tap, event{})
	if b.r.known || !b.keep || !b.r.words.empty() || b.res.StatusCode >= 300 {
		return
	}
	text = jsontext.Mend(text)
	if b.r.chunked {
		b.r.chunk(text)
	} else {
		b.r.output(text)
	}
	if !b.encoded {
		b.r.read, b.r.total = int64(len(b.kept)), b.seen
	}
}

// decode reads the compressed copy and returns what it held.
func (b *body) decode() []byte {
	z, err := gzip.NewReader(bytes.NewReader(b.kept))
	if err != nil {
		return nil
	}
	// A copy that is cut short gives what it holds up to there.
	text, _ := io.ReadAll(io.LimitReader(z, maxDecoded))
	if isEvents(b.res) {
		b.r.feed(text)
		b.r.close()
		return nil
	}
	b.r.tap.feed(text)
	return text
}
