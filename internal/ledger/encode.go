package ledger

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"github.com/tallygate/tallygate"
)

// The first byte of an encoded entry is the version of its encoding. A new field means a
// new version; older versions stay readable. What an older version can hold is written in
// it, so that an entry of before has the encoding that its hash was made of, and one that
// needs no new field is no longer for it.
const (
	firstVersion = 1
	// withPieces is the first with pieces: what is neither a token nor a second of sound
	// that was heard.
	withPieces  = 2
	lastVersion = withPieces
)

// Texts are cut at these lengths in bytes: nothing a client sends may bloat the
// ledger, and a record has a known largest size.
const (
	maxText    = 512
	maxCause   = 4096
	maxPayload = 1 << 16
)

// AppendEntry appends the canonical encoding of e to b. It is what the journal
// holds and what the hash chain covers: equal entries have equal encodings, in
// every store and for ever. Texts are made valid UTF-8 without NUL and cut at 512
// bytes (Cause at 4096), times are cut to the microsecond, figures are held
// between 0 and 2^40 (so that no claim of an upstream can overflow a sum), money
// between 0 and tallygate.MaxMoney (sums of it stop there, too; see Sums), and an
// IPv4 address mapped into IPv6 becomes IPv4. It does not allocate when b has room
// and the texts are clean.
func AppendEntry(b []byte, e *tallygate.Entry) []byte {
	picture, pieces := e.Ask.Picture, piecesOf(e)
	version := byte(firstVersion)
	if picture != "" || pieces != [6]int64{} {
		version = withPieces
	}
	b = append(b, version)
	b = append(b, e.ID[:]...)
	b = binary.AppendVarint(b, e.Began.UnixMicro())
	b = appendText(b, e.Caller, maxText)
	b = appendText(b, e.Group, maxText)
	b = appendText(b, e.Event, maxText)
	b = appendText(b, e.Attendee, maxText)
	b = appendText(b, e.Key, maxText)
	b = appendAddr(b, e)
	b = appendText(b, e.Agent, maxText)
	b = appendText(b, e.RequestID, maxText)
	b = appendText(b, e.Trace, maxText)
	b = appendFigure(b, int64(e.Retry))
	b = appendText(b, e.Method, maxText)
	b = appendAsk(b, &e.Ask)
	b = appendDeployment(b, e.Deployment)
	b = appendFigure(b, int64(e.Attempts))
	b = appendText(b, e.UpstreamID, maxText)
	b = appendText(b, e.AnswerModel, maxText)
	b = append(b, byte(min(e.Outcome, tallygate.Aborted)))
	b = appendFigure(b, int64(e.Status))
	b = appendText(b, e.Code, maxText)
	b = appendText(b, e.Finish, maxText)
	b = appendUsage(b, &e.Usage)
	b = appendFigure(b, e.Hold.Prompt)
	b = appendFigure(b, e.Hold.Completion)
	b = appendMoney(b, e.Hold.Cost)
	b = append(b, flag(e.Counted))
	b = appendMoney(b, e.Cost)
	b = append(b, byte(e.Pricing.Known()))
	b = appendFigure(b, e.AnswerBytes)
	b = appendFigure(b, e.Upstream.Microseconds())
	b = appendFigure(b, e.FirstByte.Microseconds())
	b = appendFigure(b, e.Total.Microseconds())
	b = appendText(b, e.Cause, maxCause)
	if version == firstVersion {
		return b
	}
	for _, n := range pieces {
		b = appendFigure(b, n)
	}
	return appendText(b, picture, maxText)
}

// piecesOf returns the figures that came with the second version.
func piecesOf(e *tallygate.Entry) (n [6]int64) {
	u, h := &e.Usage, &e.Hold
	for i, figure := range [...]int64{u.ImageOut, u.Characters, u.Images, h.Seconds, h.Characters, h.Images} {
		n[i] = max(figure, 0)
	}
	return n
}

// maxFigure is the largest count of tokens, bytes or microseconds (12 days).
const maxFigure = 1 << 40

func appendFigure(b []byte, n int64) []byte {
	return binary.AppendUvarint(b, uint64(min(max(n, 0), maxFigure)))
}

// clampMoney holds an amount within the bounds that the ledger keeps.
func clampMoney(m tallygate.Money) tallygate.Money { return min(max(m, 0), tallygate.MaxMoney) }

func appendMoney(b []byte, m tallygate.Money) []byte {
	return binary.AppendUvarint(b, uint64(clampMoney(m)))
}

func flag(set bool) byte {
	if set {
		return 1
	}
	return 0
}

func appendAsk(b []byte, a *tallygate.Ask) []byte {
	dialect := a.Dialect
	if dialect > tallygate.Plain {
		dialect = 0
	}
	b = append(b, byte(dialect), flag(a.Stream)|flag(a.StreamUsage)<<1)
	b = appendText(b, string(a.Operation), maxText)
	b = appendText(b, a.Model, maxText)
	b = appendText(b, a.APIVersion, maxText)
	b = appendText(b, a.User, maxText)
	b = appendFigure(b, a.MaxTokens)
	b = appendFigure(b, a.Choices)
	b = appendFigure(b, a.BodyBytes)
	return binary.LittleEndian.AppendUint64(b, a.Affinity)
}

// appendDeployment writes a deployment behind its length, so that a reader that
// has seen the same bytes before need not read them again.
func appendDeployment(b []byte, d *tallygate.Deployment) []byte {
	at := len(b)
	b = append(b, 0, 0)
	if d == nil {
		return b
	}
	b = appendText(b, d.Resource, maxText)
	b = appendText(b, d.Name, maxText)
	b = appendText(b, d.Model, maxText)
	b = appendText(b, d.Base, maxText)
	b = appendText(b, d.Region, maxText)
	b = appendText(b, d.SKU, maxText)
	for _, n := range [...]int64{d.TPM, d.RPM, d.PTU, int64(d.Priority), int64(d.Weight)} {
		b = appendFigure(b, n)
	}
	binary.LittleEndian.PutUint16(b[at:], uint16(len(b)-at-2))
	return b
}

func appendUsage(b []byte, u *tallygate.Usage) []byte {
	b = append(b, byte(min(u.Source, tallygate.Held)))
	for _, n := range [...]int64{u.Prompt, u.Completion, u.Total, u.Cached, u.CacheWrite, u.AudioIn,
		u.ImageIn, u.Reasoning, u.AudioOut, u.AcceptedPrediction, u.RejectedPrediction, u.Seconds} {
		b = appendFigure(b, n)
	}
	return b
}

// appendAddr writes the address as text, because that is how every reader of the
// ledger wants it. A zone that is not plain ASCII is not one of an interface.
func appendAddr(b []byte, e *tallygate.Entry) []byte {
	ip := e.IP.Unmap()
	if zone := ip.Zone(); len(zone) > 32 || !cleanASCII(zone) || strings.Contains(zone, "%") {
		ip = ip.WithZone("")
	}
	at := len(b)
	b = append(b, 0)
	if ip.IsValid() {
		b = ip.AppendTo(b)
	}
	b[at] = byte(len(b) - at - 1)
	return b
}

func appendText(b []byte, s string, limit int) []byte {
	if len(s) > limit || !cleanASCII(s) {
		s = cleanText(s, limit)
	}
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// cleanASCII reports whether s is ASCII without NUL: the usual case, told fast,
// eight bytes at a time.
func cleanASCII(s string) bool {
	const low, high = 0x0101010101010101, 0x8080808080808080
	for ; len(s) >= 8; s = s[8:] {
		x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		// A byte borrows into its high bit only when it, or one below it, is 0.
		if (x|(x-low))&high != 0 {
			return false
		}
	}
	for i := range len(s) {
		if c := s[i]; c == 0 || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// cleanText makes s valid UTF-8 without NUL (which PostgreSQL refuses) and cuts
// it at a rune's end.
func cleanText(s string, limit int) string {
	s = cutText(s, limit) // first, to bound the work
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	return cutText(s, limit) // again, because a replacement is longer than a byte
}

func cutText(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	cut := limit
	for cut > limit-utf8.UTFMax && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}
