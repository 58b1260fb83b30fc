package config

import (
	"cmp"
	"math"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// Event is a time in which people may use some models, by a code they share or by
// signing up.
type Event struct {
	// ID names it for ever: in URLs, limits and the ledger. Made from the name unless
	// said.
	ID string
	// Code is what attendees share; empty when each signs up.
	Code Secret
	Name string
	// Description is for its organisers; nothing depends on it.
	Description string
	// Start and End are its first and last instant, in Zone where the file gives no
	// offset.
	Start, End time.Time
	Zone       *time.Location
	// Active is false when it is closed whatever the time is.
	Active bool
	// Models are globs over the models it offers; none means all. Chat is the model
	// for those who name none; may be empty.
	Models    []string
	Chat      string
	MaxTokens tallygate.Cap
	// Allow is what its attendees' requests may reach beyond their prompts.
	Allow tallygate.Reach
	// Seats bounds the attendees who sign up; 0 is no bound. Domains and Roster say
	// who may.
	Seats           int64
	Domains, Roster []string
	Limits          []tallygate.Limit
	// Markdown is the sign-up page's text, Logo the address of its picture or the picture
	// itself (see Logo), URL and
	// URLText a link.
	Markdown, Logo, URL, URLText string
	Organiser                    Organiser
	// Prompts are suggestions in the playground, SystemMessage what a new chat there
	// begins with.
	Prompts       []Prompt
	SystemMessage string
	// Link counts the links that the organiser has had: another number is another link.
	Link int64
	// Nonce tells an event that is stored from others that had its id.
	Nonce string
	// PerAddress bounds the names in an hour, and the seats, of one address; 0 is the
	// usual bound.
	PerAddress int64
	// Forget is the days after which names of attendees are anonymised; 0 is never.
	Forget int64
	// Line is where in the file it stands.
	Line int
}

// Organiser is whom attendees ask.
type Organiser struct{ Name, Email string }

func (e *Event) codec() tree.Codec { return e.codecOf("") }

// codecOf is the codec of the event that is called so, or by what its id or its name says
// where that is empty.
func (e *Event) codecOf(called string) tree.Codec {
	var start, end string
	id := eventID(&e.ID)
	if called != "" {
		id = onlyID(called)
	}
	inner := tree.Section(e.fields(id, &start, &end))
	decode, encode := inner.Decode, inner.Encode
	inner.Decode = func(d *tree.Decoder, v tree.Value) {
		e.Line = v.Node.Line
		if called == "" {
			e.preset(d, v)
		} else {
			eventID(&e.ID).Decode(d, tree.Value{Node: tree.TextNode(called), Path: tree.Join(v.Path, "id")})
		}
		decode(d, v)
		e.Zone = cmp.Or(e.Zone, readingOf(d).whole.Zone)
		e.Start = readingOf(d).instant(tree.Join(v.Path, "start"), start, e.Zone)
		e.End = readingOf(d).instant(tree.Join(v.Path, "end"), end, e.Zone)
	}
	inner.Encode = func(pr *tree.Printer) *yaml.Node {
		start, end = e.Start.In(e.Zone).Format(localLayout), e.End.In(e.Zone).Format(localLayout)
		return encode(pr)
	}
	return inner
}

// fields are the keys of an event; its times are read as text, since what they mean
// follows from the zone.
func (e *Event) fields(id tree.Codec, start, end *string) tree.Fields {
	return tree.Fields{
		{Key: "id", Codec: id, Doc: "Name of the event in URLs, limits and the ledger, for ever: lower-case letters, digits and dashes. Made from the name unless said."},
		{Key: "code", Codec: tree.Hidden(&e.Code, codeFault), Doc: "Code that attendees share: 6 to 20 printable characters without / \\ # ?, or a GUID of the event proxy's. Without one, each signs up on the event's page."},
		{Key: "name", Required: true, Codec: tree.Name(&e.Name), Doc: "Name of the event for people."},
		{Key: "description", Codec: tree.Description(&e.Description), Doc: "What its organisers should know of it; markdown is what attendees read."},
		{Key: "zone", Codec: zone(&e.Zone), Doc: "Time zone where it takes place; that of the file unless said."},
		{Key: "start", Required: true, Codec: localTime(start), Doc: "When it begins: 2026-12-01T09:00 in its zone, or with an offset."},
		{Key: "end", Required: true, Codec: localTime(end), Doc: "When it ends, likewise. Both instants belong to it."},
		{Key: "active", Codec: tree.Flag(&e.Active), Doc: "false closes it whatever the time is."},
		{Key: "models", Codec: tree.List(&e.Models, "", tree.Name), Doc: "Models it offers; * stands for any run of characters. All when left out."},
		{Key: "chat", Codec: tree.Name(&e.Chat), Doc: "Model for requests that name none, as those of the event proxy's own route; the first unless said."},
		{Key: "max_tokens", Codec: tokenCap(&e.MaxTokens), Doc: "Most completion tokens a request may ask for, for each choice; a request that asks for more is clamped. 0 is none."},
		{Key: "allow", Codec: reach(&e.Allow), Doc: "What requests of its attendees may reach beyond their prompts: tools that the service runs, such as MCP servers, file search and the code interpreter; images and files at an address; data_sources, which it opens with the resource's identity. Nothing unless said."},
		{Key: "limits", Codec: limits(&e.Limits, tallygate.ByEvent, func() string { return e.ID }), Doc: "What its attendees may use together, or each: attendee."},
		{Key: "seats", Codec: tree.Number(&e.Seats, 0, maxAmount, tree.ParseCount, tree.Counts[0], tree.Counts[1]), Doc: "How many may sign up; those after them wait for a seat. 0 is no bound."},
		{Key: "per_address", Codec: tree.Number(&e.PerAddress, 0, 1_000_000, tree.ParseCount, tree.Counts[0]), Doc: "How many names one address (of IPv6 a /48) may bring in an hour behind the code, and how many of the seats it may take by it; 0 is 150 names, and a hundred seats, of more than that nine in ten."},
		{Key: "domains", Codec: tree.List(&e.Domains, "", tree.Name), Doc: "E-mail domains of those who may sign up."},
		{Key: "roster", Codec: tree.List(&e.Roster, "", tree.Name), Doc: "E-mail addresses or user names of those who may sign up."},
		{Key: "markdown", Codec: tree.Text(&e.Markdown), Doc: "Text of the sign-up page, in Markdown."},
		{Key: "logo", Codec: tree.Text(&e.Logo), Doc: "https address of a picture, or the picture itself as a data: address (PNG, JPEG, GIF, WebP, SVG; 64 KiB at most), which events edit --logo @FILE makes."},
		{Key: "url", Codec: tree.Text(&e.URL), Doc: "https address of a page for attendees."},
		{Key: "url_text", Codec: tree.Text(&e.URLText), Doc: "What the link to it says."},
		{Key: "organizer", Codec: tree.Section(tree.Fields{
			{Key: "name", Codec: tree.Name(&e.Organiser.Name), Doc: "Who organises it."},
			{Key: "email", Codec: tree.Name(&e.Organiser.Email), Doc: "Where to ask."},
		}), Doc: "Whom attendees ask."},
		{Key: "prompts", Codec: prompts(&e.Prompts), Doc: "Suggestions in the playground: a button for each, which writes its text into the message box. At most 12."},
		{Key: "system_message", Codec: systemMessage(&e.SystemMessage), Doc: "System message that a new chat in the playground begins with; its tokens count as those of any prompt. At most 4,000 characters."},
		{Key: "link", Codec: tree.Number(&e.Link, 0, math.MaxInt32, tree.ParseCount, tree.Counts[0]), Doc: "Another number gives the organiser another link, and ends the one before."},
		{Key: "nonce", Codec: tree.Name(&e.Nonce), Doc: "Written by the gateway into events that it stores: links, keys and pseudonyms of an event that had the id before do not count for this one."},
		{Key: "forget_after", Codec: tree.Number(&e.Forget, 0, 36500, tree.ParseCount, tree.Counts[0]), Doc: "Days after its end at which the names of attendees are anonymised, those typed behind the code too; 0 is never."},
	}
}

// preset makes the id from the name, before the limits that are about it are read.
func (e *Event) preset(d *tree.Decoder, v tree.Value) {
	if v.Node.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(v.Node.Content); i += 2 {
		if v.Node.Content[i].Value == "name" && v.Node.Content[i+1].Kind == yaml.ScalarNode {
			e.ID = EventID(v.Node.Content[i+1].Value)
		}
	}
}

// EventID returns the id of an event that gives none, which is made from its name;
// empty when the name has no letter or digit for one.
func EventID(name string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(name) {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	s := b.String()
	return strings.Trim(s[:min(len(s), 64)], "-")
}

// codeFault says what keeps s from being an event code; empty when nothing does.
func codeFault(s string) string {
	printable := strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0
	if guid(s) {
		return "" // the event proxy's codes were so for a time
	}
	if len(s) < 6 || len(s) > 20 || !printable || strings.ContainsAny(s, `/\#?`) {
		return `is not an event code: 6 to 20 printable characters without / \ # ?`
	}
	return ""
}

// guid reports whether s is a GUID of 36 characters.
func guid(s string) bool {
	parts := strings.Split(s, "-")
	if len(s) != 36 || len(parts) != 5 {
		return false
	}
	for i, n := range [...]int{8, 4, 4, 4, 12} {
		if len(parts[i]) != n || strings.Trim(parts[i], "0123456789abcdefABCDEF") != "" {
			return false
		}
	}
	return true
}

// eventID is an event's id.
func eventID(p *string) tree.Codec {
	c := tree.Name(p)
	c.Decode = func(d *tree.Decoder, v tree.Value) {
		s, ok := d.Scalar(v, "text", false)
		switch {
		case !ok:
		case s == "assets" || s == "callback":
			d.Wrong(v, "", "is taken by the gateway itself")
		case s == "" || EventID(s) != s:
			d.Wrong(v, suggest(s, []string{EventID(s)}), "is not an id: lower-case letters, digits and dashes between them, at most 64")
		default:
			*p = s
		}
	}
	return c
}

// onlyID is the id that an event is called by, which it may repeat.
func onlyID(called string) tree.Codec {
	c := tree.Text(new(string))
	c.Decode = func(d *tree.Decoder, v tree.Value) {
		if s, ok := d.Scalar(v, "text", false); ok && s != called {
			d.Wrong(v, "leave it out", "is not %q, which the event is called by", called)
		}
	}
	return c
}

// localLayout is how times of events are printed: in full, since a local time may
// come twice.
const localLayout = "2006-01-02T15:04:05.999999999Z07:00"

// localTime is a time as it is written; what it means follows from the zone.
func localTime(p *string) tree.Codec {
	c := tree.Text(p)
	decode := c.Decode
	c.Decode = func(d *tree.Decoder, v tree.Value) {
		decode(d, v)
		if _, _, err := EventTime(*p, time.UTC); err != nil && *p != "" {
			d.Wrong(v, "", "is not a time such as 2026-12-01T09:00")
			*p = ""
		}
	}
	return c
}

// EventTime reads a time as events have it: with an offset, or of the zone's clock.
// exists is false for one that the clock leaps over.
func EventTime(s string, zone *time.Location) (t time.Time, exists bool, err error) {
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04Z07:00"} {
		if t, err = time.Parse(layout, s); err == nil {
			return t, true, nil
		}
	}
	for _, layout := range [...]string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"} {
		if t, err = time.ParseInLocation(layout, s, zone); err == nil {
			return t, t.Format(layout) == s, nil
		}
	}
	return t, false, err
}

// instant is the instant of a time that was read at path.
func (d *reading) instant(path, s string, zone *time.Location) time.Time {
	if s == "" {
		return time.Time{}
	}
	t, exists, err := EventTime(s, zone)
	if err == nil && !exists {
		d.WrongAt(path, "", "does not exist: the clocks of %s leap over it", zone)
	}
	return t.UTC()
}
