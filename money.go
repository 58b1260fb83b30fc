package tallygate

import (
	"math"
	"strconv"
	"strings"
)

// Money is an amount in millionths of the gateway's one currency. It is an
// integer so that sums of it are exact.
type Money int64

// Unit is one whole unit of the currency, and MaxMoney the largest amount kept:
// what is above it counts as it.
const (
	Unit     Money = 1_000_000
	MaxMoney Money = math.MaxInt64 / 4
)

// String returns the amount in whole units with two to six decimals, such as
// "12.50" or "0.000015".
func (m Money) String() string {
	sign, n := "", uint64(m)
	if m < 0 {
		sign, n = "-", -n
	}
	cents := strconv.FormatUint(n%uint64(Unit), 10)
	cents = strings.Repeat("0", 6-len(cents)) + cents
	return sign + strconv.FormatUint(n/uint64(Unit), 10) + "." + cents[:2] + strings.TrimRight(cents[2:], "0")
}

// Pricing tells how the cost of a request came to be known.
type Pricing uint8

// The ways, from nothing to the price list.
const (
	// Free: nothing was used that has a price.
	Free Pricing = iota
	// Listed: the price list has the model.
	Listed
	// Assumed: it has not, and the configured default was counted.
	Assumed
	// Unpriced: it has not, and nothing was counted. The cost is unknown, not 0.
	Unpriced
	// Nominal: provisioned throughput, which is paid by the hour, was counted at a price
	// that follows from the hour's and from what a unit serves.
	Nominal
)

// Known returns the way itself, or Unpriced for what is none.
func (p Pricing) Known() Pricing {
	if p > Nominal {
		return Unpriced
	}
	return p
}

// String returns the name as the ledger shows it.
func (p Pricing) String() string {
	return [...]string{"free", "listed", "assumed", "unpriced", "nominal"}[p.Known()]
}

// Bound is the most a request can use. Its cost is that of the dearest way to use
// so much.
type Bound struct {
	Prompt, Completion int64 // tokens
	// Seconds, Characters and Images are those of a Usage, and Picture is the kind of
	// picture, as Ask has it.
	Seconds, Characters, Images int64
	Picture                     string
	Cost                        Money
}

// Tokens returns prompt and completion together.
func (b Bound) Tokens() int64 { return b.Prompt + b.Completion }

// Whole is the usage of all of the bound, where nobody knows better.
func (b Bound) Whole() Usage {
	return Usage{
		Source: Held, Prompt: b.Prompt, Completion: b.Completion, Total: b.Tokens(),
		Seconds: b.Seconds, Characters: b.Characters, Images: b.Images,
	}
}
