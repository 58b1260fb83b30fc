package price

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tallygate/tallygate"
)

// currencies are the codes of ISO 4217 for money in circulation.
const currencies = " AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD" +
	" CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD" +
	" HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD" +
	" MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG" +
	" QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD" +
	" TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG "

// skus are the deployment types known today. A list may name others.
const skus = "Standard GlobalStandard DataZoneStandard ProvisionedManaged GlobalProvisionedManaged" +
	" DataZoneProvisionedManaged GlobalBatch DataZoneBatch DeveloperTier"

func checkCurrency(code string) error {
	if len(code) != 3 || !strings.Contains(currencies, " "+code+" ") {
		return fmt.Errorf("%.40q is not the code of a currency such as USD", code)
	}
	return nil
}

// checkName tells what is wrong with a name of a model, a SKU or a region.
func checkName(s string) error {
	switch {
	case s == "":
		return errors.New("must not be empty")
	case len(s) > 128:
		return errors.New("is longer than 128 bytes")
	case !utf8.ValidString(s):
		return errors.New("is not UTF-8")
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }):
		return errors.New("holds a space or a control character")
	}
	return nil
}

func checkGlob(s string) error {
	if _, err := path.Match(s, ""); err != nil {
		return fmt.Errorf("%.80q is not a glob: %w", s, err)
	}
	return nil
}

// didYouMean returns a hint naming the word that was probably meant, or nothing. One
// that is much longer or shorter was not: it may be a word that is new.
func didYouMean(written string, words []string) string {
	near := tallygate.Nearest(written, words)
	if near == "" || max(len(near)-len(written), len(written)-len(near)) > 2 {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", near)
}
