package tallygate_test

import (
	"testing"
	"time"

	"github.com/tallygate/tallygate"
)

// A limit is told in words that people read.
func TestLimitInWords(t *testing.T) {
	for _, test := range []struct {
		limit tallygate.Limit
		want  string
	}{
		{tallygate.Limit{Amount: 4, Quantity: tallygate.Concurrent}, "4 requests at once"},
		{tallygate.Limit{Amount: 4000, Quantity: tallygate.Tokens, Period: tallygate.Sliding, Length: time.Minute}, "4000 tokens a minute"},
		{tallygate.Limit{Amount: 10, Quantity: tallygate.Requests, Period: tallygate.Sliding, Length: 10 * time.Second}, "10 requests in 10s"},
		{tallygate.Limit{Amount: 10, Quantity: tallygate.Requests, Period: tallygate.Sliding, Length: 30 * time.Minute}, "10 requests in 30m"},
		{tallygate.Limit{Amount: 10, Quantity: tallygate.PromptTokens, Period: tallygate.Sliding, Length: time.Hour}, "10 prompt tokens in 1h"},
		{tallygate.Limit{Amount: 10, Quantity: tallygate.Requests, Period: tallygate.Sliding, Length: 90*time.Minute + 5*time.Second}, "10 requests in 1h30m5s"},
		{tallygate.Limit{Amount: 50_000, Quantity: tallygate.Cost, Period: tallygate.Lifetime}, "0.05 for the event"},
		{tallygate.Limit{Amount: 5, Quantity: tallygate.Requests, Period: tallygate.Hour}, "5 requests an hour"},
		{tallygate.Limit{Amount: 5, Quantity: tallygate.Requests, Period: tallygate.Ever}, "5 requests in all"},
	} {
		if got := test.limit.String(); got != test.want {
			t.Errorf("%+v: %q, want %q", test.limit, got, test.want)
		}
	}
}
