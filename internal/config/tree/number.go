package tree

import (
	"math"

	"go.yaml.in/yaml/v4"
)

// Number is a whole number from least to most, read by parse and written with
// units. Left out, it is 0 and not printed.
func Number[T int | int64](p *T, least, most int64, parse func(string) (int64, error), units ...Unit) Codec {
	return Codec{
		Decode: func(d *Decoder, v Value) {
			s, ok := d.Scalar(v, "a number", true)
			if !ok {
				return
			}
			n, err := parse(s)
			switch {
			case err != nil:
				d.Fail(v, err)
			case n < least:
				d.Wrong(v, "", "must be at least %d", least)
			case n > most:
				d.Wrong(v, "", "must be at most %s", FormatNumber(most, units...))
			default:
				*p = T(n)
			}
		},
		Encode: func(*Printer) *yaml.Node {
			if *p == 0 {
				return nil
			}
			return PlainNode(FormatNumber(int64(*p), units...))
		},
		Schema: func() Schema {
			return Schema{"anyOf": []Schema{
				{"type": "integer", "minimum": least},
				{"type": "string", "pattern": `^[0-9][0-9_]*(\.[0-9]+)? ?([kKM]|([kKMG]|[KMG]i)?B)?$|\$\{`},
			}}
		},
	}
}

// Tokens is a number of tokens or requests; it prints as 600k or 2M.
func Tokens(p *int64) Codec {
	return Number(p, 1, MaxCount, ParseCount, Counts[0], Counts[1])
}

// Size is a number of bytes; it prints as 100MB or 64KiB.
func Size(p *int64) Codec { return Number(p, 1, math.MaxInt64, ParseSize, Sizes[:6]...) }

// Small is a number that counts few things.
func Small[T int | int64](p *T) Codec { return Number(p, 1, MaxSmall, ParseCount) }

// MaxSmall is the most that counts few things.
const MaxSmall = 1_000_000

// MaxCount keeps sums of tokens far from overflow.
const MaxCount = 1_000_000_000_000_000
