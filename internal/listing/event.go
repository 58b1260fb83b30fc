package listing

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/console"
)

// Notes says what the organiser should know of an event.
func Notes(w io.Writer, e *api.Event) {
	for _, note := range e.Notes {
		fmt.Fprintln(w, strings.Join(console.Wrapped("note: "+console.Printable(note, 500), console.Columns), "\n  "))
	}
}

// Sheet prints what the attendees of an event need, to be handed on as it is.
func Sheet(w io.Writer, e *api.Event) error {
	pairs := [][2]string{{"event", console.Printable(e.Name, 128)}, {"when", Window(e)}, {"state", e.State}}
	if e.Code != "" {
		pairs = append(pairs, [2]string{"code", console.Printable(e.Code, 64)})
	}
	pairs = append(pairs, [2]string{"playground", e.Base + "/"}, [2]string{"page", e.Base + e.Page}, [2]string{"endpoint", e.Base}, [2]string{"key", keyOf(e)}, [2]string{"models", modelsOf(e)})
	if err := console.Pairs(w, pairs); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nTry it while it is open:\n%s\n", example(e))
	return err
}

// keyOf tells what attendees send as their API key.
func keyOf(e *api.Event) string {
	if e.Code == "" || e.SignUpOnly {
		return "each one's own, from the page"
	}
	return console.Printable(e.Code, 64) + "/NAME with a name of one's own, or the key from the page"
}

func modelsOf(e *api.Event) string {
	if len(e.Models) == 0 {
		return "all"
	}
	return console.Printable(strings.Join(e.Models, ", "), 1000)
}

// example is a request that an attendee may send, as a line for a shell.
func example(e *api.Event) string {
	key := "KEY"
	if e.Code != "" && !e.SignUpOnly {
		key = e.Code + "/NAME"
	}
	name, _ := json.Marshal(cmp.Or(e.Chat, "MODEL")) // text is always JSON
	body := fmt.Sprintf(`{"model":%s,"messages":[{"role":"user","content":"Hello"}]}`, name)
	return fmt.Sprintf("curl %s -H %s -H 'content-type: application/json' -d %s",
		console.ShellWord(e.Base+"/openai/v1/chat/completions"), console.ShellWord("api-key: "+key), console.ShellWord(body))
}

// Event prints everything about an event, and how its own limits stand.
func Event(w io.Writer, e *api.Event, limits *api.LimitList) error {
	f := facts{{"id", console.Printable(e.ID, 64)}}
	f.add("name", e.Name)
	f.add("origin", map[string]string{"stored": fmt.Sprintf("stored, version %d", e.Version), "file": "the configuration file", "azure-tables": "Azure Tables"}[e.Origin])
	if e.Problem != "" {
		for line := range strings.SplitSeq(e.Problem, "\n") {
			f.add("not in use", line)
		}
		return console.Pairs(w, f)
	}
	f.use(e, limits)
	f.people(e)
	f.page(e)
	return console.Pairs(w, f)
}

// facts are what is said of an event, each by what it is called.
type facts [][2]string

// add says something that there is; empty is nothing.
func (f *facts) add(key, value string) {
	if value != "" {
		*f = append(*f, [2]string{key, console.Printable(value, 1000)})
	}
}

// use says when and how the event is used, and what bounds it.
func (f *facts) use(e *api.Event, limits *api.LimitList) {
	f.add("state", e.State)
	f.add("when", Window(e))
	f.add("code", e.Code)
	f.add("page", e.Base+e.Page)
	if e.Live != "" {
		f.add("live", e.Base+e.Live)
	}
	f.add("endpoint", e.Base)
	f.add("key", keyOf(e))
	f.add("models", modelsOf(e))
	f.add("chat", e.Chat)
	f.add("max tokens", some(e.MaxTokens))
	f.add("may reach", strings.Join(e.Allow, ", "))
	for i := range limits.Limits {
		if l := &limits.Limits[i]; slices.Contains(l.Events, e.ID) {
			f.add("limit", limitSentence(l, limits.Currency))
		}
	}
}

// people says who has come, and who may.
func (f *facts) people(e *api.Event) {
	f.add("attendees", attendance(e))
	f.add("seats", some(int64(e.Seats)))
	f.add("per address", some(int64(e.PerAddress)))
	f.add("domains", strings.Join(e.Domains, ", "))
	f.add("roster", someOf(len(e.Roster), "entries"))
	f.add("organizer", shownOrganiser(e.Organiser))
}

// page says what people are shown, and for how long they are known.
func (f *facts) page(e *api.Event) {
	f.add("url", e.URL)
	f.add("url text", e.URLText)
	f.add("logo", shownLogo(e.Logo))
	f.add("markdown", someOf(utf8.RuneCountInString(e.Markdown), "characters"))
	for _, p := range e.Prompts {
		f.add("prompt", p.Title)
	}
	f.add("system message", someOf(utf8.RuneCountInString(e.SystemMessage), "characters"))
	if e.ForgetAfter > 0 {
		f.add("forgotten", someOf(e.ForgetAfter, "days")+" after its end")
	}
}

// shownLogo is the address of a logo; of one that the event holds, what it is.
func shownLogo(s string) string {
	if kind, data, ok := strings.Cut(strings.TrimPrefix(s, "data:"), ";base64,"); ok && strings.HasPrefix(s, "data:") {
		return fmt.Sprintf("%s, %d bytes", kind, base64.StdEncoding.DecodedLen(len(data))-strings.Count(data, "="))
	}
	return s
}

// someOf writes a number of things; none is empty.
func someOf(n int, things string) string {
	if n == 0 {
		return ""
	}
	return console.Counted(int64(n), things)
}

// attended says both where there are both: people sign up, or type a name behind the code.
func attended(e *api.Event) string {
	if e.ByCode == 0 {
		return console.Grouped(int64(e.Attendees))
	}
	return fmt.Sprintf("%s signed up, %s by the code alone", console.Grouped(int64(e.Attendees)), console.Grouped(int64(e.ByCode)))
}

// attendance is how many have signed up, and how many others came by the shared code.
func attendance(e *api.Event) string {
	if e.Waiting == 0 {
		return attended(e)
	}
	return fmt.Sprintf("%s, %s without a seat yet", attended(e), console.Grouped(int64(e.Waiting)))
}

// some writes a number; none is empty.
func some(n int64) string {
	if n == 0 {
		return ""
	}
	return console.Grouped(n)
}

func shownOrganiser(o api.Organiser) string {
	if o.Name != "" && o.Email != "" {
		return o.Name + " <" + o.Email + ">"
	}
	return o.Name + o.Email
}

// limitSentence says what a limit of an event allows, and what is spent of it.
func limitSentence(l *api.Limit, currency string) string {
	what := strings.ReplaceAll(l.Quantity, "_", " ")
	if l.Quantity == "money" {
		what = currency
	}
	s := Figure(l.Amount) + " " + what
	if l.Period != "" {
		s += " per " + l.Period
	}
	switch {
	case len(l.Each) > 0:
		s += " for each " + strings.Join(l.Each, ", ")
	case len(l.Subjects) > 0:
		s += "; " + Figure(l.Subjects[0].Spent) + " spent"
	}
	if l.DryRun {
		s += " (dry run)"
	}
	return s
}
