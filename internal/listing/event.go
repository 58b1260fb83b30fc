package listing

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

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
	pairs = append(pairs, [2]string{"page", e.Base + e.Page}, [2]string{"endpoint", e.Base}, [2]string{"key", keyOf(e)}, [2]string{"models", modelsOf(e)})
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
	pairs := [][2]string{{"id", console.Printable(e.ID, 64)}}
	add := func(key, value string) {
		if value != "" {
			pairs = append(pairs, [2]string{key, console.Printable(value, 1000)})
		}
	}
	add("name", e.Name)
	add("origin", map[string]string{"stored": fmt.Sprintf("stored, version %d", e.Version), "file": "the configuration file", "azure-tables": "Azure Tables"}[e.Origin])
	if e.Problem != "" {
		for line := range strings.SplitSeq(e.Problem, "\n") {
			add("not in use", line)
		}
		return console.Pairs(w, pairs)
	}
	add("state", e.State)
	add("when", Window(e))
	add("code", e.Code)
	add("page", e.Base+e.Page)
	if e.Live != "" {
		add("live", e.Base+e.Live)
	}
	add("endpoint", e.Base)
	add("key", keyOf(e))
	add("models", modelsOf(e))
	add("chat", e.Chat)
	add("max tokens", some(e.MaxTokens))
	add("may reach", strings.Join(e.Allow, ", "))
	for i := range limits.Limits {
		if l := &limits.Limits[i]; slices.Contains(l.Events, e.ID) {
			add("limit", limitSentence(l, limits.Currency))
		}
	}
	add("attendees", attendance(e))
	add("seats", some(int64(e.Seats)))
	add("per address", some(int64(e.PerAddress)))
	add("domains", strings.Join(e.Domains, ", "))
	if n := int64(len(e.Roster)); n > 0 {
		add("roster", console.Counted(n, "entries"))
	}
	add("organizer", shownOrganiser(e.Organiser))
	add("url", e.URL)
	add("url text", e.URLText)
	add("logo", e.Logo)
	if n := int64(len([]rune(e.Markdown))); n > 0 {
		add("markdown", console.Counted(n, "characters"))
	}
	for _, p := range e.Prompts {
		add("prompt", p.Title)
	}
	if n := int64(len([]rune(e.SystemMessage))); n > 0 {
		add("system message", console.Counted(n, "characters"))
	}
	if n := int64(e.ForgetAfter); n > 0 {
		add("forgotten", console.Counted(n, "days")+" after its end")
	}
	return console.Pairs(w, pairs)
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
