package price

import "testing"

// A deployment type that is spelled wrong is recognised; one that is much longer or
// shorter than those known is let through, since it may be a new one.
func TestCheckSKU(t *testing.T) {
	for sku, ok := range map[string]bool{
		"GlobalStandard": true, "GlobalStandrd": false, "globalstandard": false, "Standards": false,
		"GlobalDeveloperTier": true, "Provisioned": true, "PayAsYouGo": true,
	} {
		if err := checkSKU(sku); (err == nil) != ok {
			t.Errorf("%s: %v", sku, err)
		}
	}
}
