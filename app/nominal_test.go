package app_test

import (
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
)

// Provisioned throughput with a price by the hour counts a nominal price of what it
// served, which limits of money bound and the ledger calls so; without one it is free.
func TestNominalPriceOfProvisionedThroughput(t *testing.T) {
	f := func(prices, limit, member string, status int, pricing tallygate.Pricing, cost tallygate.Money) {
		t.Helper()
		g := startBefore(t, usage(100), prices+teamLimits(limit))
		text := *g.config.Load()
		g.configure(strings.Replace(text, "{name: gpt-4o, priority: 1}", "{name: gpt-4o, priority: 1, ptu: 100}", 1))
		if err := g.app.Reload(); err != nil {
			t.Fatal(err)
		}
		a := g.post(chatPath, chat("hi", member))
		if a.status != status {
			t.Fatalf("%s: %d %s", prices, a.status, a.body)
		}
		if e := g.one(); status == 200 && (e.Pricing != pricing || e.Cost != cost) {
			t.Errorf("%s: cost %s, %s, want %s, %s", prices, e.Cost, e.Pricing, cost, pricing)
		}
	}
	// A unit of gpt-4o reads 2,500 tokens a minute; one written weighs four.
	f("prices: {ptu: 1.50 USD/h}\n", "{money: 10, per: month}", `"max_tokens":5`, 200, tallygate.Nominal, 1000)
	f("prices: {ptu: 3}\n", "{money: 10, per: month}", `"max_tokens":5`, 200, tallygate.Nominal, 2000)
	f("", "{money: 10, per: month}", `"max_tokens":5`, 200, tallygate.Listed, 0)
	f("prices: {ptu: 1.50 USD/h}\n", "{money: 0.01, per: month}", `"max_tokens":5000`, 400, 0, 0)
}
