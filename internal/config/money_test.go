package config_test

import (
	"strings"
	"testing"

	"github.com/tallygate/tallygate"
)

// TestMoneyIsExact reads amounts that a float would not keep.
func TestMoneyIsExact(t *testing.T) {
	f := func(written string, want tallygate.Money) {
		t.Helper()
		l := mustParse(t, "currency: EUR\nlimits:\n- {money: "+written+", per: day}"+org, nothing).Limits[0]
		if l.Quantity != tallygate.Cost || l.Amount != int64(want) {
			t.Errorf("money: %s = %d %s, want %d", written, l.Amount, l.Quantity, want)
		}
	}
	f("500", 500*tallygate.Unit)
	f("500 EUR", 500*tallygate.Unit)
	f(`"500.00 EUR"`, 500*tallygate.Unit)
	f("0.01 EUR", 10_000)
	f("0.1", 100_000)
	f("0.000001", 1)
	f("0.000001000", 1)
	f("20_000", 20_000*tallygate.Unit)
	f("900719925474.099301", 900719925474_099301) // beyond 2^53
	f("1099511627776", 1<<40*tallygate.Unit)

	// A currency that could not be read casts no doubt on amounts in it.
	fails(t, nothing, "curency: EUR\nlimits:\n- {money: 5 EUR, per: day}"+org, `t.yaml:1:1: curency: unknown key (did you mean "currency"?)`)
	fails(t, nothing, "limits:\n- {money: 5 EUR, per: day}\ncurrency: ERU"+org,
		`t.yaml:3:11: currency: is not the code of a currency such as EUR (ISO 4217) (did you mean "EUR"?)`)
}

func TestCurrencyAndZone(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		fails(t, nothing, text+"\n"+rest, want)
	}
	f("currency: eur", `t.yaml:1:11: currency: is not the code of a currency such as EUR (ISO 4217) (did you mean "EUR"?)`)
	f("currency: €", `t.yaml:1:11: currency: is not the code of a currency such as EUR (ISO 4217)`)
	f("currency: 978", `t.yaml:1:11: currency: must be a currency's code, not a number (put it in quotes)`)
	f("zone: Europe/Stokholm", `t.yaml:1:7: zone: is not a time zone such as Europe/Stockholm (did you mean "Europe/Stockholm"?)`)
	f("zone: +02:00", `t.yaml:1:7: zone: is not a time zone such as Europe/Stockholm`)
	f("zone: 2", `t.yaml:1:7: zone: must be a time zone, not a number (put it in quotes)`)
}

func TestPrices(t *testing.T) {
	f := func(prices, want string) {
		t.Helper()
		fails(t, nothing, "prices: "+prices+"\n"+rest, want)
	}
	f(`{file: ""}`, `t.yaml:1:16: prices.file: must not be empty`)
	f(`{unknown: ignore}`, `t.yaml:1:19: prices.unknown: "ignore" is not one of: refuse`)
	f(`{unknown: 5}`, `t.yaml:1:19: prices.unknown: must be text, not a number (put it in quotes)`)
	f(`{unknown: {prompt: 1 SEK}}`, `
t.yaml:1:19: prices.unknown: has no completion
t.yaml:1:28: prices.unknown.prompt: is not in the gateway's currency (currency is USD, one for the whole gateway)`)
	f(`{rates: {EURO: 1, USD: 1, SEK: 0.0, GBP: 1e3, NOK: -1, DKK: .5, JPY: lots, CZK: 01}}`, `
t.yaml:1:18: prices.rates.EURO: is not the code of a currency such as EUR (ISO 4217) (did you mean "EUR"?)
t.yaml:1:27: prices.rates.USD: is the gateway's own currency (remove it)
t.yaml:1:40: prices.rates.SEK: must be more than 0
t.yaml:1:50: prices.rates.GBP: is not a decimal number such as 0.92
t.yaml:1:60: prices.rates.NOK: is not a decimal number such as 0.92
t.yaml:1:69: prices.rates.DKK: is not a decimal number such as 0.92
t.yaml:1:78: prices.rates.JPY: is not a decimal number such as 0.92
t.yaml:1:89: prices.rates.CZK: is not a decimal number such as 0.92`)

	c := mustParse(t, "prices: {unknown: {prompt: 0, completion: 0}}\n"+rest, nothing)
	if n := notes(c); len(n) != 1 || !strings.Contains(n[0], "counted as free") {
		t.Errorf("notes = %q, want one about what is free", n)
	}
}

func TestAlerts(t *testing.T) {
	env := world(map[string]string{"URL": "ftp://s3cr3t", "PLAIN": "http://s3cr3t.example", "TOKEN": "Bearer s3cr3t\n"}, nil)
	f := func(alerts, want string) {
		t.Helper()
		fails(t, env, "alerts: "+alerts+"\n"+rest, want)
	}
	f(`{webhook: "${env:URL}"}`, `t.yaml:1:19: alerts.webhook: must be a URL that begins with https:// (${env:URL})`)
	f(`{webhook: "${env:PLAIN}"}`, `t.yaml:1:19: alerts.webhook: would send warnings over plain http to another machine (${env:PLAIN})`)
	f(`{webhook: http://example.com/s3cr3t}`, `t.yaml:1:19: alerts.webhook: would send warnings over plain http to another machine`)
	f(`{webhook: "https://"}`, `t.yaml:1:19: alerts.webhook: must be a URL that begins with https://`)
	f(`{webhook: "https://a b"}`, `t.yaml:1:19: alerts.webhook: holds a space or another character that is not visible ASCII`)
	f(`{headers: {X-Token: abc}}`, `t.yaml:1:19: alerts.headers: go nowhere without a webhook (set alerts.webhook)`)
	f(`{webhok: "https://a.example", headers: {X-Token: abc}}`, `t.yaml:1:10: alerts.webhok: unknown key (did you mean "webhook"?)`)
	f(`{webhook: "https://a.example", headers: {a b: x, Host: x, X-A: "${env:TOKEN}", X-B: "", X-C: abc, x-c: abc, X-D: 5}}`, `
t.yaml:1:50: alerts.headers["a b"]: is not the name of a header
t.yaml:1:58: alerts.headers.Host: is a header that the gateway sets itself
t.yaml:1:72: alerts.headers.X-A: the value begins or ends with a space, or holds a character that is not visible ASCII (${env:TOKEN})
t.yaml:1:93: alerts.headers.X-B: the value is empty
t.yaml:1:107: alerts.headers.x-c: "x-c" is already taken on line 1
t.yaml:1:122: alerts.headers.X-D: must be text, not a number (put it in quotes)`)
	mustParse(t, "alerts: {webhook: \"http://127.0.0.1:9/x\"}\n"+rest, nothing)
	mustParse(t, "alerts: {webhook: \"https://u:p@hooks.example/?sig=1\"}\n"+rest, nothing)
}
