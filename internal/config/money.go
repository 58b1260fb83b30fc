package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// money is an amount of the gateway's currency, which may stand behind it: 500,
// 0.01 or 500 EUR. It is read without rounding.
func money[T ~int64](p *T) tree.Codec {
	return tree.Codec{
		Decode: func(d *tree.Decoder, v tree.Value) {
			s, ok := d.Scalar(v, "an amount of money", true)
			if !ok {
				return
			}
			got, currency, err := parseMoney(s)
			switch {
			case err != nil:
				d.Fail(v, err)
			case currency != "" && currency != readingOf(d).whole.Currency:
				if d.Sound("currency") {
					d.Wrong(v, "currency is "+readingOf(d).whole.Currency+", one for the whole gateway", "is not in the gateway's currency")
				}
			default:
				*p = T(got)
			}
		},
		Encode: func(*tree.Printer) *yaml.Node { return tree.PlainNode(tallygate.Money(*p).String()) },
		Schema: func() tree.Schema {
			return tree.Schema{"anyOf": []tree.Schema{
				{"type": "number", "minimum": 0},
				{"type": "string", "pattern": `^[0-9][0-9_]*(\.[0-9]+)?( [A-Z]{3})?$|\$\{`},
			}}
		},
	}
}

// parseMoney reads an amount and the currency behind it, empty where there is none.
func parseMoney(s string) (amount tallygate.Money, currency string, err error) {
	number, currency, _ := strings.Cut(s, " ")
	const fault = "is not an amount such as 500, 0.01 or 500 EUR"
	if currency != "" && !slices.Contains(currencies(), currency) {
		return 0, "", tree.Faultf("", fault)
	}
	if _, fraction, _ := strings.Cut(number, "."); len(strings.TrimRight(fraction, "0")) > 6 && tree.IsDigits(fraction) {
		return 0, "", tree.Faultf("", "has more than six decimals")
	}
	n, err := tree.ParseNumber(number, []tree.Unit{{Factor: int64(tallygate.Unit)}}, fault)
	if err == nil && n > maxAmount*int64(tallygate.Unit) {
		err = tree.Faultf("", "is too large")
	}
	return tallygate.Money(n), currency, err
}

// currency is an ISO 4217 code.
func currency(p *string) tree.Codec {
	c := tree.Text(p)
	c.Decode = func(d *tree.Decoder, v tree.Value) {
		s, ok := d.Scalar(v, "a currency's code", false)
		if !ok {
			return
		}
		if err := currencyFault(s); err != nil {
			d.Fail(v, err)
			return
		}
		*p = s
	}
	c.Schema = func() tree.Schema { return tree.Schema{"type": "string", "pattern": `^[A-Z]{3}$|\$\{`} }
	return c
}

func currencyFault(s string) error {
	if list := currencies(); !slices.Contains(list, s) {
		return tree.Faultf(suggest(s, list), "is not the code of a currency such as EUR (ISO 4217)")
	}
	return nil
}

// currencies are the codes of the currencies in use, with those first that a
// misspelt one most likely means.
func currencies() []string {
	return strings.Fields(`EUR USD GBP CHF SEK NOK DKK JPY CNY INR CAD AUD NZD BRL MXN KRW SGD HKD PLN CZK
		AED AFN ALL AMD ANG AOA ARS AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BSD BTN BWP BYN BZD CDF CLP COP CRC CUP CVE
		DJF DOP DZD EGP ERN ETB FJD FKP GEL GHS GIP GMD GNF GTQ GYD HNL HTG HUF IDR ILS IQD IRR ISK JMD JOD KES KGS KHR KMF
		KPW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MYR MZN NAD NGN NIO NPR OMR PAB
		PEN PGK PHP PKR PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY
		TTD TWD TZS UAH UGX UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG`)
}
