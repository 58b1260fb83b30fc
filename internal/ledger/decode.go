package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/tallygate/tallygate"
)

var errTruncated = errors.New("the record ends before its fields do")

// maxDeployments bounds the deployments a decoder remembers; configurations have
// far fewer, so beyond it something is odd and memory must not pay for it.
const maxDeployments = 4096

// decoder reads encoded entries. It makes one string of a whole record and cuts
// the texts out of it, and it gives equal deployments the same pointer.
type decoder struct {
	deployments map[string]*tallygate.Deployment

	b    []byte // what is left
	text string // the whole record
	err  error
}

// DecodeEntry reads what AppendEntry wrote. It keeps no reference to p. Foreign
// bytes give an error, never a panic.
func DecodeEntry(p []byte) (c Canonical, err error) {
	var d decoder
	err = d.decode(p, &c)
	return c, err
}

// decode fills c from p. On error c is in no defined state. c keeps no reference
// to p.
func (d *decoder) decode(p []byte, c *Canonical) error {
	d.b, d.text, d.err = p, string(p), nil
	c.Encoding = d.text
	e := &c.Entry
	version := d.byte()
	switch {
	case d.err != nil:
	case version > lastVersion:
		return fmt.Errorf("record encoding version %d is newer than this program knows (%d)", version, lastVersion)
	case version < firstVersion:
		return fmt.Errorf("there is no record encoding version %d", version)
	}
	*e = tallygate.Entry{}
	copy(e.ID[:], d.bytes(len(e.ID)))
	e.Began = d.time()
	e.Caller, e.Group, e.Event, e.Attendee, e.Key = d.string(), d.string(), d.string(), d.string(), d.string()
	e.IP = d.addr()
	e.Agent, e.RequestID, e.Trace = d.string(), d.string(), d.string()
	e.Retry = int(d.int())
	e.Method = d.string()
	d.ask(&e.Ask)
	e.Deployment = d.deployment()
	e.Attempts = int(d.int())
	e.UpstreamID, e.AnswerModel = d.string(), d.string()
	e.Outcome = tallygate.Outcome(d.enum(byte(tallygate.Aborted)))
	e.Status = int(d.int())
	e.Code, e.Finish = d.string(), d.string()
	d.usage(&e.Usage)
	e.Hold = tallygate.Bound{Prompt: d.int(), Completion: d.int(), Cost: d.money()}
	e.Counted = d.enum(1) == 1
	e.Cost, e.Pricing = d.money(), tallygate.Pricing(d.enum(byte(tallygate.Nominal)))
	e.AnswerBytes = d.int()
	e.Upstream, e.FirstByte, e.Total = d.duration(), d.duration(), d.duration()
	e.Cause = d.string()
	if version >= withPieces {
		d.pieces(e)
	}
	if d.err == nil && len(d.b) > 0 {
		d.err = fmt.Errorf("%d bytes are left over behind the record's last field", len(d.b))
	}
	return d.err
}

// pieces reads what the second version added.
func (d *decoder) pieces(e *tallygate.Entry) {
	u, h := &e.Usage, &e.Hold
	some := false
	for _, p := range [...]*int64{&u.ImageOut, &u.Characters, &u.Images, &h.Seconds, &h.Characters, &h.Images} {
		*p = d.int()
		some = some || *p != 0
	}
	e.Ask.Picture = d.string()
	if d.err == nil && !some && e.Ask.Picture == "" {
		d.fail(errors.New("the record has a newer encoding than it needs"))
	}
}

func (d *decoder) ask(a *tallygate.Ask) {
	a.Dialect = tallygate.Dialect(d.enum(byte(tallygate.Plain)))
	flags := d.enum(3)
	a.Stream, a.StreamUsage = flags&1 != 0, flags&2 != 0
	a.Operation = tallygate.Operation(d.string())
	a.Model, a.APIVersion, a.User = d.string(), d.string(), d.string()
	a.MaxTokens, a.Choices, a.BodyBytes = d.int(), d.int(), d.int()
	if b := d.bytes(8); b != nil {
		a.Affinity = binary.LittleEndian.Uint64(b)
	}
}

func (d *decoder) deployment() *tallygate.Deployment {
	head := d.bytes(2)
	if head == nil {
		return nil
	}
	raw := d.bytes(int(binary.LittleEndian.Uint16(head)))
	if len(raw) == 0 {
		return nil
	}
	if known := d.deployments[string(raw)]; known != nil {
		return known
	}
	// Read on its own string: the deployment outlives the record it came in.
	in := decoder{b: raw, text: string(raw)}
	dep := &tallygate.Deployment{
		Resource: in.string(), Name: in.string(), Model: in.string(), Base: in.string(), Region: in.string(), SKU: in.string(),
		TPM: in.int(), RPM: in.int(), PTU: in.int(), Priority: int(in.int()), Weight: int(in.int()),
	}
	if in.err == nil && len(in.b) > 0 {
		in.err = errors.New("bytes are left over behind the deployment's last field")
	}
	if in.err != nil {
		d.fail(in.err)
		return nil
	}
	if d.deployments == nil || len(d.deployments) >= maxDeployments {
		d.deployments = make(map[string]*tallygate.Deployment)
	}
	d.deployments[string(raw)] = dep
	return dep
}

func (d *decoder) usage(u *tallygate.Usage) {
	u.Source = tallygate.Source(d.enum(byte(tallygate.Held)))
	for _, p := range [...]*int64{&u.Prompt, &u.Completion, &u.Total, &u.Cached, &u.CacheWrite, &u.AudioIn,
		&u.ImageIn, &u.Reasoning, &u.AudioOut, &u.AcceptedPrediction, &u.RejectedPrediction, &u.Seconds} {
		*p = d.int()
	}
}

func (d *decoder) addr() netip.Addr {
	s := d.bytes(int(d.byte()))
	if len(s) == 0 {
		return netip.Addr{}
	}
	ip, err := netip.ParseAddr(string(s))
	if err != nil {
		d.fail(fmt.Errorf("source address: %w", err))
	}
	return ip
}

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
	d.b = nil
}

// bytes takes the next n bytes; nil when they are not there.
func (d *decoder) bytes(n int) []byte {
	if n > len(d.b) {
		d.fail(errTruncated)
		return nil
	}
	p := d.b[:n:n]
	d.b = d.b[n:]
	return p
}

func (d *decoder) byte() byte {
	if p := d.bytes(1); p != nil {
		return p[0]
	}
	return 0
}

// enum takes a byte that must not be above last.
func (d *decoder) enum(last byte) byte {
	v := d.byte()
	if v > last {
		d.fail(fmt.Errorf("value %d is above the largest known, %d", v, last))
		return 0
	}
	return v
}

// time takes microseconds since 1970.
func (d *decoder) time() time.Time {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail(errTruncated)
		return time.Time{}
	}
	d.b = d.b[n:]
	return time.UnixMicro(v).UTC()
}

// int takes a figure.
func (d *decoder) int() int64 { return d.upTo(maxFigure) }

// money takes an amount.
func (d *decoder) money() tallygate.Money {
	return tallygate.Money(d.upTo(int64(tallygate.MaxMoney)))
}

func (d *decoder) upTo(most int64) int64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail(errTruncated)
		return 0
	}
	if v > uint64(most) {
		d.fail(fmt.Errorf("the figure %d is above the largest possible, %d", v, most))
		return 0
	}
	d.b = d.b[n:]
	return int64(v)
}

func (d *decoder) duration() time.Duration { return time.Duration(d.int()) * time.Microsecond }

func (d *decoder) string() string {
	n, w := binary.Uvarint(d.b)
	if w <= 0 || n > uint64(len(d.b)-w) {
		d.fail(errTruncated)
		return ""
	}
	at := len(d.text) - len(d.b) + w
	d.b = d.b[w+int(n):]
	return d.text[at : at+int(n)]
}
