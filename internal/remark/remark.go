package remark

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/catalog"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/proxy"
)

// Remarks says what a configuration that is right will do and may not be meant to: which
// limits are smaller than the largest answer of a model that they are about, so that a
// request which names no bound could never fit, and what happens to it.
func Remarks(cfg *config.Config) ([]string, error) {
	known, err := catalog.Default()
	if err != nil {
		return nil, err
	}
	largest, reasons := make(map[string]int64), make(map[string]bool)
	for i := range cfg.Resources {
		for _, d := range cfg.Resources[i].Deployments {
			m, _ := known.Lookup(d.Base)
			if KindOf(cfg, known, d.Model, d.Base) != "chat" {
				continue
			}
			name := strings.ToLower(d.Model)
			largest[name] = max(largest[name], cmp.Or(m.MaxOutput, tallygate.UnknownOutput))
			reasons[name] = reasons[name] || m.Reasoning
		}
	}
	var out []string
	for _, l := range cfg.AllLimits() {
		if l.DryRun || l.Amount <= 0 || l.Quantity != tallygate.Tokens && l.Quantity != tallygate.CompletionTokens {
			continue
		}
		for _, m := range cfg.Models {
			most := largest[strings.ToLower(m.Name)]
			if limit := capped(cfg, &m, &l); limit > 0 {
				most = min(most, limit)
			}
			if most > l.Amount && about(cfg, &l, &m) {
				out = append(out, fmt.Sprintf("the limit %q is smaller than the largest answer of %s, %d tokens: a request that names no max_tokens is %s",
					l.Name, m.Name, most, unsaidFate(cfg, &l, reasons[strings.ToLower(m.Name)])))
			}
		}
	}
	return out, nil
}

// unsaidFate is what happens to a request that names no bound, under a limit that is
// smaller than the largest answer.
func unsaidFate(cfg *config.Config, l *tallygate.Limit, reasons bool) string {
	least := proxy.LeastAnswer(reasons)
	switch {
	case cfg.Unsaid == "refuse":
		return "refused with 400; unsaid: cap answers it with half of the limit at most"
	case l.Amount/2 < least:
		return fmt.Sprintf("refused with 429, because half of the limit is less than %d tokens; give the model or its callers max_tokens", least)
	}
	return fmt.Sprintf("capped to %d tokens (unsaid: refuse refuses it)", l.Amount/2)
}

// capped is the cap on what requests that the limit is about may ask of the model for; 0
// is none.
func capped(cfg *config.Config, m *config.Model, l *tallygate.Limit) int64 {
	tightest, group := m.MaxTokens, sole(l.Match[tallygate.ByGroup])
	for i := range cfg.Callers {
		if c := &cfg.Callers[i]; strings.EqualFold(sole(l.Match[tallygate.ByCaller]), c.Name) {
			tightest, group = tightest.Tighter(c.MaxTokens), c.Group
		}
	}
	for i := range cfg.Events {
		if e := &cfg.Events[i]; strings.EqualFold(sole(l.Match[tallygate.ByEvent]), e.ID) {
			tightest = tightest.Tighter(e.MaxTokens)
		}
	}
	for i := range cfg.Groups {
		if g := &cfg.Groups[i]; group != "" && strings.EqualFold(group, g.Name) {
			tightest = tightest.Tighter(g.MaxTokens)
		}
	}
	return tightest.Tokens
}

// sole is the only name of a list; empty when there is none or several.
func sole(names []string) string {
	if len(names) != 1 {
		return ""
	}
	return names[0]
}

// about reports whether the limit can be about requests for the model.
func about(cfg *config.Config, l *tallygate.Limit, m *config.Model) bool {
	matches := func(globs []string, name string) bool {
		return len(globs) == 0 || slices.ContainsFunc(globs, func(glob string) bool { return tallygate.Match(glob, name) })
	}
	if !matches(l.Match[tallygate.ByModel], m.Name) {
		return false
	}
	for i := range cfg.Callers {
		c := &cfg.Callers[i]
		if strings.EqualFold(sole(l.Match[tallygate.ByCaller]), c.Name) && !matches(c.Models, m.Name) {
			return false
		}
	}
	for i := range cfg.Events {
		e := &cfg.Events[i]
		if strings.EqualFold(sole(l.Match[tallygate.ByEvent]), e.ID) && !matches(e.Models, m.Name) {
			return false
		}
	}
	for i := range cfg.Resources {
		for _, d := range cfg.Resources[i].Deployments {
			if strings.EqualFold(d.Model, m.Name) && matches(l.Match[tallygate.ByDeployment], cfg.Resources[i].Name+"/"+d.Name) {
				return true
			}
		}
	}
	return false
}
