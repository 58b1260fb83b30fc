package admin

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/limit"
	"github.com/tallygate/tallygate/internal/openapi"
	"github.com/tallygate/tallygate/internal/world"
)

// LimitControl looks at the limits and changes those that are stored. What its
// functions refuse they say by a *tallygate.Error. A change counts for the next request.
type LimitControl struct {
	// Currency is what money is counted in, by its ISO 4217 code.
	Currency func() string
	// List returns all limits: those in use in their order, then those that cannot be.
	List func(context.Context) ([]world.LimitInUse, error)
	// Put makes the limit when version is 0, and otherwise replaces the one of that
	// version. data is JSON as an entry of limits in the configuration.
	Put func(ctx context.Context, name string, data []byte, version int64) error
	// Delete removes the limit of a version.
	Delete func(ctx context.Context, name string, version int64) error
}

func figure(q tallygate.Quantity, n int64) api.Figure {
	if q == tallygate.Cost {
		return api.Figure(tallygate.Money(n).String())
	}
	return api.Figure(strconv.FormatInt(n, 10))
}

// The bounds of how many subjects of each limit are shown.
const (
	defaultSubjects = 100
	maxSubjects     = 10_000
)

func (c *LimitControl) routes() []route {
	return []route{
		{openapi.Operation{Method: "GET", Path: "/admin/v1/limits", ID: "listLimits", Summary: "The limits in use and those that cannot be, and how they stand.",
			Query: []openapi.Parameter{
				{Name: "name", Means: "Only limits of this name; * stands for any text.", Of: ""},
				{Name: "subject", Means: "Only this subject, such as caller=search-team; * stands for any text.", Of: ""},
				{Name: "subjects", Means: "So many subjects of each at most, the most used first.", Of: 0},
			}, Answer: api.LimitList{}}, handle(c.list)},
		{openapi.Operation{Method: "PUT", Path: "/admin/v1/limits/{id}", ID: "putLimit", Summary: "Make a limit, or replace it, by an entry of limits in the configuration, as JSON.",
			IfMatch: true, Body: anObject, Answer: api.Limit{}, Made: true}, handle(c.put)},
		{deletion("/admin/v1/limits/{id}", "deleteLimit", "Delete a stored limit."), handle(remove(c.Delete))},
	}
}

// list answers with the limits, of which name and subject, globs, may pick some.
func (c *LimitControl) list(_ http.ResponseWriter, r *http.Request) (int, any, error) {
	q, err := query(r, "name", "subject", "subjects")
	if err != nil {
		return 0, nil, err
	}
	most := defaultSubjects
	if s, ok := q["subjects"]; ok {
		if most, err = strconv.Atoi(s); err != nil || most < 1 || most > maxSubjects {
			return 0, nil, bad("InvalidParameter", "subjects is a number from 1 to %d.", maxSubjects)
		}
	}
	all, err := c.List(r.Context())
	if err != nil {
		return 0, nil, err
	}
	out := api.LimitList{Currency: c.Currency(), Limits: []api.Limit{}}
	for i := range all {
		l := &all[i]
		if q["name"] != "" && !tallygate.Match(q["name"], l.Limit.Name) {
			continue
		}
		if q["subject"] != "" {
			l.States = slices.DeleteFunc(l.States, func(s limit.State) bool { return !tallygate.Match(q["subject"], s.Subject) })
			if len(l.States) == 0 {
				continue
			}
		}
		out.Limits = append(out.Limits, showLimit(l, most))
	}
	return http.StatusOK, out, nil
}

func (c *LimitControl) put(w http.ResponseWriter, r *http.Request) (int, any, error) {
	p, err := readPut(w, r)
	if err != nil {
		return 0, nil, err
	}
	if err := c.Put(r.Context(), p.id, p.data, p.version); err != nil {
		return 0, nil, err
	}
	all, err := c.List(r.Context())
	if err != nil {
		return 0, nil, err
	}
	i := slices.IndexFunc(all, func(l world.LimitInUse) bool { return l.Limit.Name == p.id })
	if i < 0 {
		return p.status(), nil, nil // it was deleted again
	}
	shown := showLimit(&all[i], defaultSubjects)
	w.Header().Set("ETag", etag(shown.Version))
	return p.status(), shown, nil
}

// showLimit writes the limit with so many of its subjects.
func showLimit(l *world.LimitInUse, most int) api.Limit {
	out := api.Limit{Name: l.Limit.Name, Origin: "file", Problem: l.Problem, Subjects: []api.Subject{}}
	if l.Stored != nil {
		out.Origin, out.Version, out.Definition = "stored", l.Stored.Version, l.Stored.Data
	}
	if l.Problem != "" {
		return out
	}
	describe(&out, &l.Limit)
	slices.SortFunc(l.States, func(a, b limit.State) int {
		return cmp.Or(cmp.Compare(b.Spent+b.Held, a.Spent+a.Held), cmp.Compare(a.Subject, b.Subject))
	})
	for i := range l.States[:min(most, len(l.States))] {
		out.Subjects = append(out.Subjects, subject(&l.States[i]))
	}
	out.More = len(l.States) - len(out.Subjects)
	return out
}

func subject(s *limit.State) api.Subject {
	f := func(n int64) api.Figure { return figure(s.Limit.Quantity, n) }
	out := api.Subject{
		Subject: s.Subject, Spent: f(s.Spent), Held: f(s.Held), Left: f(s.Left()),
		Refused: s.Refused, WouldRefuse: s.Would,
	}
	if !s.Resets.IsZero() {
		out.Resets = &s.Resets
	}
	return out
}

// describe writes what the limit bounds.
func describe(out *api.Limit, l *tallygate.Limit) {
	out.Quantity, out.Amount, out.Period = l.Quantity.String(), figure(l.Quantity, l.Amount), period(l)
	if l.Period > tallygate.Sliding && l.Period < tallygate.Lifetime {
		out.Zone = "UTC"
		if l.Zone != nil {
			out.Zone = l.Zone.String()
		}
	}
	for _, d := range l.Each {
		out.Each = append(out.Each, d.String())
	}
	out.Callers, out.Groups, out.Events = l.Match[tallygate.ByCaller], l.Match[tallygate.ByGroup], l.Match[tallygate.ByEvent]
	out.Models, out.Deployments = l.Match[tallygate.ByModel], l.Match[tallygate.ByDeployment]
	out.Warn, out.DryRun, out.Answer = l.Warn, l.DryRun, http.StatusTooManyRequests
	if l.Forbid {
		out.Answer = http.StatusForbidden
	}
}

// period is the word that the configuration has for it, such as minute, 10s or month.
func period(l *tallygate.Limit) string {
	switch {
	case l.Quantity == tallygate.Concurrent:
		return ""
	case l.Period != tallygate.Sliding:
		return l.Period.String()
	case l.Length == time.Minute:
		return "minute"
	}
	s := l.Length.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
