package signup

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/event"
)

// Report is what became of an event, from its first request to its last.
type Report struct {
	// People are what each attendee used, by ID, and Models what each model was used
	// for.
	People []PersonUse
	Models []api.ModelUse
	// Errors are the requests that failed, Refused those that were turned down.
	Errors, Refused int64
	// Currency is that of the costs, such as "EUR"; may be empty.
	Currency string
}

// PersonUse is what one attendee used. Attendee is its ID: that of somebody who signed
// up, or the name that came with a shared code.
type PersonUse struct {
	Attendee                                 string
	Requests, PromptTokens, CompletionTokens int64
	Tokens                                   int64 // all of them
	Cost                                     tallygate.Money
	First, Last                              time.Time
}

// lines are all who used the event or signed up for it: those who used most first.
func (s *site) lines(e *event.Event, rep *Report) []api.ReportLine {
	out := []api.ReportLine{}
	used := make(map[string]bool)
	for _, u := range rep.People {
		used[u.Attendee] = true
		l := s.came(e, u.Attendee)
		l.Requests, l.Prompt, l.Completion, l.Tokens = u.Requests, u.PromptTokens, u.CompletionTokens, u.Tokens
		l.Cost, l.CostText, l.First, l.Last = u.Cost, u.Cost.String(), u.First, u.Last
		out = append(out, l)
	}
	for _, a := range s.People.List(e) {
		if !used[a.ID] {
			l := s.came(e, a.ID)
			l.CostText = l.Cost.String()
			out = append(out, l)
		}
	}
	return out
}

// left is how somebody came who signed up and is registered no more.
const left = "left"

// came tells who an attendee is and how they came: by signing up, or by the shared code
// with a name that they typed.
func (s *site) came(e *event.Event, id string) api.ReportLine {
	l := api.ReportLine{ID: id, Name: id, Via: event.Typed}
	if a, ok := s.People.Find(e, id); ok {
		l.Name, l.Via = a.Name, a.Via
		if a.Via != event.Typed {
			l.SignedUp = a.SignedUp
		}
	} else if pseudonym(id) {
		l.Via = left
	}
	l.Came = s.words(&l)
	return l
}

// words say how somebody came.
func (s *site) words(l *api.ReportLine) string {
	switch l.Via {
	case byCode:
		return "signed up"
	case left:
		return "signed up, then left"
	case event.Typed:
		if l.ID == event.Guest {
			return "code alone"
		}
		return "typed a name"
	}
	if p := s.providers[l.Via]; p != nil {
		return "signed up by " + p.Title
	}
	return "signed up by " + l.Via
}

// pseudonym reports whether an ID is that of somebody who signed up; nobody can type
// one.
func pseudonym(id string) bool {
	return len(id) == len("p-")+16 && strings.TrimRight(id, "0123456789abcdef") == "p-"
}

// report returns the report's lines, or answers that it cannot be had.
func (s *site) report(w http.ResponseWriter, r *http.Request, e *event.Event) (*Report, []api.ReportLine, bool) {
	rep, err := s.Report(r.Context(), e.ID)
	if err != nil {
		s.failed(w, e, err)
		return nil, nil, false
	}
	return &rep, s.lines(e, &rep), true
}

// reportJSON answers what the report's page shows.
func (s *site) reportJSON(w http.ResponseWriter, r *http.Request, e *event.Event) {
	rep, lines, ok := s.report(w, r, e)
	if !ok {
		return
	}
	out := api.ReportView{
		Event: s.about(r, e), Active: len(rep.People), Errors: rep.Errors, Refused: rep.Refused, Currency: rep.Currency,
		Models: append([]api.ModelUse{}, rep.Models...), People: lines,
	}
	for _, l := range lines {
		out.Total.Requests += l.Requests
		out.Total.Prompt += l.Prompt
		out.Total.Completion += l.Completion
		out.Total.Tokens += l.Tokens
		out.Total.Cost += l.Cost
		if l.Via == event.Typed && l.Requests > 0 {
			out.Typed++
		}
	}
	out.Total.CostText = out.Total.Cost.String()
	reply(w, http.StatusOK, &out)
}

// reportCSV answers the same as a table.
func (s *site) reportCSV(w http.ResponseWriter, r *http.Request, e *event.Event) {
	rep, lines, ok := s.report(w, r, e)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+e.ID+`.csv"`)
	out := csv.NewWriter(w)
	_ = out.Write([]string{"attendee", "name", "via", "signed_up", "requests", "prompt_tokens", "completion_tokens", "tokens", "cost", "currency", "first", "last"})
	for _, l := range lines {
		_ = out.Write([]string{
			cell(l.ID), cell(l.Name), cell(l.Via), stamp(l.SignedUp), strconv.FormatInt(l.Requests, 10), strconv.FormatInt(l.Prompt, 10),
			strconv.FormatInt(l.Completion, 10), strconv.FormatInt(l.Tokens, 10), l.CostText, rep.Currency, stamp(l.First), stamp(l.Last),
		})
	}
	out.Flush() // a client that left reads no answer
}

// cell keeps a spreadsheet from taking a name for a formula.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// fragment writes a text so that it can stand in the fragment of an address.
func fragment(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
