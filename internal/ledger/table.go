package ledger

import (
	"math"
	"time"

	"github.com/tallygate/tallygate"
)

// Table is the answer to a Query.
type Table struct {
	// By are the dimensions, as asked.
	By []string
	// Rows are the sums, one for each combination of values that occurs. An entry
	// without a value (no deployment answered) has "" there.
	Rows []Row
	// Percentiles says that the query asked for them.
	Percentiles bool
	// Total sums up all that the query covers, also what Rows leaves out.
	Total Row
	// More says that Limit cut off rows.
	More bool
}

// Row is one line of sums.
type Row struct {
	// By are the values of the table's dimensions.
	By []string
	// Requests counts entries. Errors counts those that were refused, that
	// failed, or that were answered with a status of 400 or above.
	Requests, Errors int64
	// Tokens. Cached is part of Prompt, Reasoning of Completion.
	Prompt, Completion, Total, Cached, Reasoning int64
	// Seconds of sound that was heard, Characters that were spoken, Images that were made.
	Seconds, Characters, Images int64
	// AverageTotal is Total per request, in tokens.
	AverageTotal float64
	// Cost is what the requests cost, by the prices at the time or by those they
	// were repriced with; MaxMoney stands for any sum above it. Unpriced counts the
	// requests whose cost is unknown: unless it is 0, Cost is not all.
	Cost     tallygate.Money
	Unpriced int64
	// Counted counts the requests that count against limits.
	Counted int64
	// First and Last are when the first and the last of the requests began.
	First, Last time.Time
	// Latency is the mean time until the last byte left, FirstByte until the first
	// one did; of the requests that came to it, 0 for none.
	Latency, FirstByte time.Duration
	// P50 and P95 estimate the median and the 95th percentile of the time until
	// the last byte left (see LatencyBounds); 0 unless the query asks for them.
	P50, P95 time.Duration
}

// Kind is the type of a column's values.
type Kind uint8

// The kinds, with the Go type that Values gives.
const (
	Text     Kind = iota // string
	Count                // int64
	Average              // float64
	Time                 // time.Time, UTC
	Duration             // time.Duration
	Amount               // tallygate.Money
)

// Column describes a column of a table.
type Column struct {
	Name string
	Kind Kind
}

// Columns returns the table's columns: its dimensions, then the measures.
func (t *Table) Columns() []Column {
	var cs []Column
	for _, d := range t.By {
		cs = append(cs, Column{d, Text})
	}
	cs = append(cs, Column{"requests", Count}, Column{"errors", Count}, Column{"prompt", Count},
		Column{"completion", Count}, Column{"total", Count}, Column{"average_total", Average},
		Column{"cached", Count}, Column{"reasoning", Count},
		Column{"seconds", Count}, Column{"characters", Count}, Column{"images", Count},
		Column{"cost", Amount}, Column{"unpriced", Count}, Column{"counted", Count}, Column{"first", Time}, Column{"last", Time},
		Column{"latency", Duration}, Column{"first_byte", Duration})
	if t.Percentiles {
		cs = append(cs, Column{"p50", Duration}, Column{"p95", Duration})
	}
	return cs
}

// Values returns a row's values in the order of Columns. The row is one of Rows;
// Total has no values of dimensions.
func (t *Table) Values(r *Row) []any {
	var vs []any
	for _, v := range r.By {
		vs = append(vs, v)
	}
	vs = append(vs, r.Requests, r.Errors, r.Prompt, r.Completion, r.Total, r.AverageTotal, r.Cached, r.Reasoning, r.Seconds, r.Characters, r.Images,
		r.Cost, r.Unpriced, r.Counted, r.First, r.Last, r.Latency, r.FirstByte)
	if t.Percentiles {
		vs = append(vs, r.P50, r.P95)
	}
	return vs
}

// latencyBuckets is the number of classes that latencies are counted in.
const latencyBuckets = 13

// LatencyBounds returns the upper bounds, included, of the classes that stores
// count latencies in: doubling from 50 ms to 102.4 s, and a last class without
// bound. Percentiles are interpolated within a class.
func LatencyBounds() [latencyBuckets - 1]time.Duration {
	var bounds [latencyBuckets - 1]time.Duration
	for i := range bounds {
		bounds[i] = 50 * time.Millisecond << i
	}
	return bounds
}

// Sums are what a store adds up, in the smallest form from which a Row can be
// made. Sums of parts add up to the sums of the whole. The zero value sums up
// nothing.
type Sums struct {
	Requests, Errors                             int64
	Prompt, Completion, Total, Cached, Reasoning int64
	Seconds, Characters, Images                  int64
	// Cost stops at tallygate.MaxMoney. Amounts are never negative, so it does not
	// matter in which order they are added up.
	Cost              tallygate.Money
	Unpriced, Counted int64
	// First and Last are in microseconds since 1970; of no request when Requests
	// is 0.
	First, Last int64
	// LatencyUS and FirstByteUS add up microseconds; FirstBytes counts the
	// requests that had a first byte.
	LatencyUS, FirstByteUS, FirstBytes int64
	// Timed counts the requests that had a last byte, Latencies the same by
	// LatencyBounds, if anyone asked for percentiles.
	Timed     int64
	Latencies [latencyBuckets]int64
}

// Erred reports whether an entry counts among a Row's Errors.
func Erred(e *tallygate.Entry) bool {
	switch e.Outcome {
	case tallygate.Refused, tallygate.Failed:
		return true
	}
	return e.Outcome == tallygate.Answered && e.Status >= 400
}

// Count adds one entry.
func (s *Sums) Count(e *tallygate.Entry) {
	one := Sums{
		Requests: 1, Errors: int64(flag(Erred(e))),
		Prompt: e.Usage.Prompt, Completion: e.Usage.Completion, Total: e.Usage.Total,
		Cached: e.Usage.Cached, Reasoning: e.Usage.Reasoning,
		Seconds: e.Usage.Seconds, Characters: e.Usage.Characters, Images: e.Usage.Images,
		Cost: e.Cost, Unpriced: int64(flag(e.Pricing == tallygate.Unpriced)), Counted: int64(flag(e.Counted)),
		First: e.Began.UnixMicro(), Last: e.Began.UnixMicro(),
	}
	if us := e.Total.Microseconds(); us > 0 {
		one.LatencyUS, one.Timed = us, 1
		one.Latencies[latencyClass(us)] = 1
	}
	if us := e.FirstByte.Microseconds(); us > 0 {
		one.FirstByteUS, one.FirstBytes = us, 1
	}
	s.Add(&one)
}

func latencyClass(us int64) int {
	i := 0
	for bound := int64(50_000); i < latencyBuckets-1 && us > bound; bound *= 2 {
		i++
	}
	return i
}

// Add adds other sums.
func (s *Sums) Add(o *Sums) {
	if o.Requests == 0 {
		return
	}
	if s.Requests == 0 {
		s.First, s.Last = o.First, o.Last
	}
	s.First, s.Last = min(s.First, o.First), max(s.Last, o.Last)
	s.Requests += o.Requests
	s.Errors += o.Errors
	s.Prompt += o.Prompt
	s.Completion += o.Completion
	s.Total += o.Total
	s.Cached += o.Cached
	s.Reasoning += o.Reasoning
	s.Seconds += o.Seconds
	s.Characters += o.Characters
	s.Images += o.Images
	s.Cost = AddMoney(s.Cost, o.Cost)
	s.Unpriced += o.Unpriced
	s.Counted += o.Counted
	s.LatencyUS += o.LatencyUS
	s.Timed += o.Timed
	s.FirstByteUS += o.FirstByteUS
	s.FirstBytes += o.FirstBytes
	for i, n := range o.Latencies {
		s.Latencies[i] += n
	}
}

// AddMoney adds two amounts that the ledger keeps. The sum stops at
// tallygate.MaxMoney, far from where it would overflow.
func AddMoney(a, b tallygate.Money) tallygate.Money { return min(a+b, tallygate.MaxMoney) }

// Row makes a row of the sums, with percentiles if they were asked for.
func (s *Sums) Row(by []string, percentiles bool) Row {
	r := Row{
		By: by, Requests: s.Requests, Errors: s.Errors,
		Prompt: s.Prompt, Completion: s.Completion, Total: s.Total, Cached: s.Cached, Reasoning: s.Reasoning,
		Seconds: s.Seconds, Characters: s.Characters, Images: s.Images,
		Cost: s.Cost, Unpriced: s.Unpriced, Counted: s.Counted,
	}
	if s.Requests == 0 {
		return r
	}
	r.AverageTotal = float64(s.Total) / float64(s.Requests)
	r.First, r.Last = time.UnixMicro(s.First).UTC(), time.UnixMicro(s.Last).UTC()
	if s.Timed > 0 {
		r.Latency = time.Duration(s.LatencyUS/s.Timed) * time.Microsecond
	}
	if s.FirstBytes > 0 {
		r.FirstByte = time.Duration(s.FirstByteUS/s.FirstBytes) * time.Microsecond
	}
	if percentiles && s.Timed > 0 {
		r.P50, r.P95 = s.percentile(0.50), s.percentile(0.95)
	}
	return r
}

// percentile interpolates between the bounds of the class that holds the
// requested rank. The last class has no upper bound and answers with its lower.
func (s *Sums) percentile(p float64) time.Duration {
	rank := p * float64(s.Timed)
	var below int64
	lower := time.Duration(0)
	for i, bound := range LatencyBounds() {
		n := s.Latencies[i]
		if n > 0 && float64(below+n) >= rank {
			within := (rank - float64(below)) / float64(n)
			return lower + time.Duration(math.Round(within*float64(bound-lower)))
		}
		below += n
		lower = bound
	}
	return lower
}
