package report

import (
	"cmp"
	"slices"
)

// uses sum up what models were used for. The names come from callers, who may ask for
// anything: shown are those that are known and those that were served.
type uses struct {
	known map[string]bool
	by    map[string]*Use
}

func usesOf(known []string) *uses {
	u := &uses{make(map[string]bool), make(map[string]*Use)}
	for _, name := range known {
		u.known[name] = true
	}
	return u
}

// add counts requests for a name. Served says that a deployment was asked for it.
func (u *uses) add(name string, served bool, requests, tokens int64) {
	if served && name != "" {
		u.known[name] = true
	}
	if u.by[name] == nil {
		u.by[name] = &Use{Name: name}
	}
	u.by[name].Requests += requests
	u.by[name].Tokens += tokens
}

// list returns those with most requests first, and the others at the end.
func (u *uses) list() []Use {
	var out []Use
	var others Use
	for name, use := range u.by {
		if u.known[name] {
			out = append(out, *use)
			continue
		}
		others.Requests += use.Requests
		others.Tokens += use.Tokens
	}
	slices.SortFunc(out, func(x, y Use) int {
		return cmp.Or(cmp.Compare(y.Requests, x.Requests), cmp.Compare(x.Name, y.Name))
	})
	if others.Requests > 0 {
		out = append(out, others)
	}
	return out
}
