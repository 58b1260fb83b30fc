package config

import (
	"cmp"
	"math"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
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
	// Markdown is the sign-up page's text, Logo the address of its picture, URL and
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

func (e *Event) codec() codec { return e.codecOf("") }

// codecOf is the codec of the event that is called so, or by what its id or its name says
// where that is empty.
func (e *Event) codecOf(called string) codec {
	var start, end string
	id := eventID(&e.ID)
	if called != "" {
		id = onlyID(called)
	}
	fs := fields{
		{key: "id", codec: id, doc: "Name of the event in URLs, limits and the ledger, for ever: lower-case letters, digits and dashes. Made from the name unless said."},
		{key: "code", codec: hidden(&e.Code, codeFault), doc: "Code that attendees share: 6 to 20 printable characters without / \\ # ?, or a GUID of the event proxy's. Without one, each signs up on the event's page."},
		{key: "name", required: true, codec: name(&e.Name), doc: "Name of the event for people."},
		{key: "description", codec: description(&e.Description), doc: "What its organisers should know of it; markdown is what attendees read."},
		{key: "zone", codec: zone(&e.Zone), doc: "Time zone where it takes place; that of the file unless said."},
		{key: "start", required: true, codec: localTime(&start), doc: "When it begins: 2026-12-01T09:00 in its zone, or with an offset."},
		{key: "end", required: true, codec: localTime(&end), doc: "When it ends, likewise. Both instants belong to it."},
		{key: "active", codec: flag(&e.Active), doc: "false closes it whatever the time is."},
		{key: "models", codec: list(&e.Models, "", name), doc: "Models it offers; * stands for any run of characters. All when left out."},
		{key: "chat", codec: name(&e.Chat), doc: "Model for requests that name none, as those of the event proxy's own route; the first unless said."},
		{key: "max_tokens", codec: tokenCap(&e.MaxTokens), doc: "Most completion tokens a request may ask for, for each choice; a request that asks for more is clamped. 0 is none."},
		{key: "allow", codec: reach(&e.Allow), doc: "What requests of its attendees may reach beyond their prompts: tools that the service runs, such as MCP servers, file search and the code interpreter; images and files at an address; data_sources, which it opens with the resource's identity. Nothing unless said."},
		{key: "limits", codec: limits(&e.Limits, tallygate.ByEvent, func() string { return e.ID }), doc: "What its attendees may use together, or each: attendee."},
		{key: "seats", codec: number(&e.Seats, 0, maxAmount, parseCount, counts[0], counts[1]), doc: "How many may sign up; those after them wait for a seat. 0 is no bound."},
		{key: "per_address", codec: number(&e.PerAddress, 0, 1_000_000, parseCount, counts[0]), doc: "How many names one address (of IPv6 a /48) may bring in an hour behind the code, and how many of the seats it may take by it; 0 is 150 names, and a hundred seats, of more than that nine in ten."},
		{key: "domains", codec: list(&e.Domains, "", name), doc: "E-mail domains of those who may sign up."},
		{key: "roster", codec: list(&e.Roster, "", name), doc: "E-mail addresses or user names of those who may sign up."},
		{key: "markdown", codec: text(&e.Markdown), doc: "Text of the sign-up page, in Markdown."},
		{key: "logo", codec: text(&e.Logo), doc: "https address of a picture."},
		{key: "url", codec: text(&e.URL), doc: "https address of a page for attendees."},
		{key: "url_text", codec: text(&e.URLText), doc: "What the link to it says."},
		{key: "organizer", codec: section(fields{
			{key: "name", codec: name(&e.Organiser.Name), doc: "Who organises it."},
			{key: "email", codec: name(&e.Organiser.Email), doc: "Where to ask."},
		}), doc: "Whom attendees ask."},
		{key: "prompts", codec: prompts(&e.Prompts), doc: "Suggestions in the playground: a button for each, which writes its text into the message box. At most 12."},
		{key: "system_message", codec: systemMessage(&e.SystemMessage), doc: "System message that a new chat in the playground begins with; its tokens count as those of any prompt. At most 4,000 characters."},
		{key: "link", codec: number(&e.Link, 0, math.MaxInt32, parseCount, counts[0]), doc: "Another number gives the organiser another link, and ends the one before."},
		{key: "nonce", codec: name(&e.Nonce), doc: "Written by the gateway into events that it stores: links, keys and pseudonyms of an event that had the id before do not count for this one."},
		{key: "forget_after", codec: number(&e.Forget, 0, 36500, parseCount, counts[0]), doc: "Days after its end at which the names of attendees are anonymised, those typed behind the code too; 0 is never."},
	}
	inner := section(fs)
	decode, encode := inner.decode, inner.encode
	inner.decode = func(d *decoder, v value) {
		e.Line = v.node.Line
		if called == "" {
			e.preset(d, v)
		} else {
			eventID(&e.ID).decode(d, value{textNode(called), join(v.path, "id")})
		}
		decode(d, v)
		e.Zone = cmp.Or(e.Zone, d.whole.Zone)
		e.Start = d.instant(join(v.path, "start"), start, e.Zone)
		e.End = d.instant(join(v.path, "end"), end, e.Zone)
	}
	inner.encode = func(pr *printer) *yaml.Node {
		start, end = e.Start.In(e.Zone).Format(localLayout), e.End.In(e.Zone).Format(localLayout)
		return encode(pr)
	}
	return inner
}

// preset makes the id from the name, before the limits that are about it are read.
func (e *Event) preset(d *decoder, v value) {
	if v.node.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		if v.node.Content[i].Value == "name" && v.node.Content[i+1].Kind == yaml.ScalarNode {
			e.ID = EventID(v.node.Content[i+1].Value)
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
func eventID(p *string) codec {
	c := name(p)
	c.decode = func(d *decoder, v value) {
		s, ok := d.scalar(v, "text", false)
		switch {
		case !ok:
		case s == "assets" || s == "callback":
			d.wrong(v, "", "is taken by the gateway itself")
		case s == "" || EventID(s) != s:
			d.wrong(v, suggest(s, []string{EventID(s)}), "is not an id: lower-case letters, digits and dashes between them, at most 64")
		default:
			*p = s
		}
	}
	return c
}

// onlyID is the id that an event is called by, which it may repeat.
func onlyID(called string) codec {
	c := text(new(string))
	c.decode = func(d *decoder, v value) {
		if s, ok := d.scalar(v, "text", false); ok && s != called {
			d.wrong(v, "leave it out", "is not %q, which the event is called by", called)
		}
	}
	return c
}

// localLayout is how times of events are printed: in full, since a local time may
// come twice.
const localLayout = "2006-01-02T15:04:05.999999999Z07:00"

// localTime is a time as it is written; what it means follows from the zone.
func localTime(p *string) codec {
	c := text(p)
	decode := c.decode
	c.decode = func(d *decoder, v value) {
		decode(d, v)
		if _, _, err := EventTime(*p, time.UTC); err != nil && *p != "" {
			d.wrong(v, "", "is not a time such as 2026-12-01T09:00")
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
func (d *decoder) instant(path, s string, zone *time.Location) time.Time {
	if s == "" {
		return time.Time{}
	}
	t, exists, err := EventTime(s, zone)
	if err == nil && !exists {
		d.wrongAt(path, "", "does not exist: the clocks of %s leap over it", zone)
	}
	return t.UTC()
}
