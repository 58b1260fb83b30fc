package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// figures are a target's medians, in the units their names say. A negative figure
// was not measured.
type figures struct {
	CPUPer10k      float64 `json:"cpu_s_per_10k_chats"`
	PerSecond      float64 `json:"chats_per_s_at_saturation"`
	P50            float64 `json:"p50_us_at_1000_per_s"`
	P99            float64 `json:"p99_us_at_1000_per_s"`
	AddedP50       float64 `json:"added_p50_us"`
	AddedP99       float64 `json:"added_p99_us"`
	AddedSlowP50   float64 `json:"added_p50_us_upstream_20_ms"`
	AddedSlowP99   float64 `json:"added_p99_us_upstream_20_ms"`
	AddedAfterP99  float64 `json:"added_p99_us_after_a_burst"`
	CPUPerMBurst   float64 `json:"cpu_s_per_million_chunks_burst"`
	CPUPerMStreams float64 `json:"cpu_s_per_million_chunks_200_streams"`
	PssMB          float64 `json:"pss_mb_at_1000_streams"`
	PssFullMB      float64 `json:"pss_mb_at_1000_streams_full_ledger"`
	KBPerStream    float64 `json:"kb_per_idle_stream"`
	Allocs         float64 `json:"allocations_per_chat"`
}

// entry is one target in the JSON report.
type entry struct {
	*result
	Figures figures            `json:"medians"`
	Ratios  map[string]float64 `json:"ratios_to_reverseproxy,omitempty"`
}

// columns are the figures in the order of the table; ratio says which are compared.
var columns = []struct {
	head  string
	ratio string
	get   func(figures) float64
}{
	{"CPU-s per\n10k chats", "cpu_per_10k", func(f figures) float64 { return f.CPUPer10k }},
	{"chats/s\nat saturation", "", func(f figures) float64 { return f.PerSecond }},
	{"added p50\nµs, 1000/s", "added_p50", func(f figures) float64 { return f.AddedP50 }},
	{"added p99\nµs, 1000/s", "added_p99", func(f figures) float64 { return f.AddedP99 }},
	{"added p50\nµs, 20 ms up", "added_p50_upstream_20_ms", func(f figures) float64 { return f.AddedSlowP50 }},
	{"added p99\nµs, 20 ms up", "added_p99_upstream_20_ms", func(f figures) float64 { return f.AddedSlowP99 }},
	{"added p99\nafter burst", "added_p99_after_a_burst", func(f figures) float64 { return f.AddedAfterP99 }},
	{"CPU-s per M\nchunks, burst", "cpu_per_m_burst", func(f figures) float64 { return f.CPUPerMBurst }},
	{"CPU-s per M\nchunks, 20 ms", "cpu_per_m_streams", func(f figures) float64 { return f.CPUPerMStreams }},
	{"Pss MB, 1000\nopen streams", "pss", func(f figures) float64 { return f.PssMB }},
	{"Pss MB, and\n200k entries", "", func(f figures) float64 { return f.PssFullMB }},
	{"KB per idle\nstream", "kb_per_stream", func(f figures) float64 { return f.KBPerStream }},
	{"allocations\na chat", "", func(f figures) float64 { return f.Allocs }},
}

func summary(results []*result) []entry {
	var direct *result
	for _, r := range results {
		if r.Target == "direct" {
			direct = r
		}
	}
	out := make([]entry, len(results))
	var base *figures
	for i, r := range results {
		out[i] = entry{result: r, Figures: medians(r, direct)}
		if r.Target == baseline {
			base = &out[i].Figures
		}
	}
	if base == nil {
		return out
	}
	for i := range out {
		out[i].Ratios = map[string]float64{}
		for _, c := range columns {
			if mine, theirs := c.get(out[i].Figures), c.get(*base); c.ratio != "" && mine >= 0 && theirs > 0 && out[i].Target != "direct" {
				out[i].Ratios[c.ratio] = mine / theirs
			}
		}
	}
	return out
}

func medians(r, direct *result) figures {
	f := figures{
		CPUPer10k:      cpuPer(r.Saturation, 10_000, func(p point) int { return p.Requests }),
		PerSecond:      median(r.Saturation, func(p point) float64 { return float64(p.Requests) / p.Seconds }),
		P50:            median(r.Paced, func(p point) float64 { return p.P50 }),
		P99:            median(r.Paced, func(p point) float64 { return p.P99 }),
		AddedP50:       -1,
		AddedP99:       -1,
		AddedSlowP50:   -1,
		AddedSlowP99:   -1,
		AddedAfterP99:  -1,
		CPUPerMBurst:   cpuPer(r.Burst, 1e6, func(p point) int { return p.Chunks }),
		CPUPerMStreams: cpuPer(r.Streams, 1e6, func(p point) int { return p.Chunks }),
		PssMB:          -1, PssFullMB: -1, KBPerStream: -1, Allocs: -1,
	}
	if direct != nil && r != direct {
		// Round by round: both were measured within the same seconds.
		f.AddedP50 = max(0, medianOf(pairs(r.Paced, direct.Paced, func(p point) float64 { return p.P50 })))
		f.AddedP99 = max(0, medianOf(pairs(r.Paced, direct.Paced, func(p point) float64 { return p.P99 })))
	}
	if direct != nil && r != direct && len(r.Slow) > 0 {
		f.AddedSlowP50 = max(0, medianOf(pairs(r.Slow, direct.Slow, func(p point) float64 { return p.P50 })))
		f.AddedSlowP99 = max(0, medianOf(pairs(r.Slow, direct.Slow, func(p point) float64 { return p.P99 })))
	}
	if direct != nil && r != direct && len(r.After) > 0 {
		f.AddedAfterP99 = max(0, medianOf(pairs(r.After, direct.After, func(p point) float64 { return p.P99 })))
	}
	if m := r.MemoryFull; m != nil {
		f.PssFullMB = float64(m.With) / (1 << 20)
	}
	if m := r.Memory; m != nil {
		f.PssMB = float64(m.With) / (1 << 20)
		f.KBPerStream = float64(m.With-m.Before) / 1024 / float64(m.Streams)
	}
	if len(r.Allocs) > 0 {
		f.Allocs = medianOf(slices.Clone(r.Allocs))
	}
	return f
}

func pairs(a, b []point, of func(point) float64) []float64 {
	var out []float64
	for i := range min(len(a), len(b)) {
		out = append(out, of(a[i])-of(b[i]))
	}
	return out
}

// cpuPer is the median of CPU seconds for so many units; -1 without.
func cpuPer(points []point, units float64, count func(point) int) float64 {
	var all []float64
	for _, p := range points {
		if n := count(p); n > 0 && p.CPU > 0 {
			all = append(all, p.CPU*units/float64(n))
		}
	}
	if all == nil {
		return -1
	}
	return medianOf(all)
}

func median(points []point, of func(point) float64) float64 {
	var all []float64
	for _, p := range points {
		all = append(all, of(p))
	}
	return medianOf(all)
}

func medianOf(all []float64) float64 {
	if len(all) == 0 {
		return -1
	}
	slices.Sort(all)
	if n := len(all); n%2 == 0 {
		return (all[n/2-1] + all[n/2]) / 2
	}
	return all[len(all)/2]
}

func printTable(w io.Writer, results []*result) {
	entries := summary(results)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for line := range 2 {
		fmt.Fprint(tw, [...]string{"", "target"}[line], "\t")
		for _, c := range columns {
			fmt.Fprint(tw, strings.Split(c.head, "\n")[line], "\t")
		}
		fmt.Fprintln(tw)
	}
	for _, e := range entries {
		fmt.Fprint(tw, e.Target, "\t")
		for _, c := range columns {
			fmt.Fprint(tw, number(c.get(e.Figures)), "\t")
		}
		fmt.Fprintln(tw)
	}
	fmt.Fprintln(tw, strings.Repeat("\t", len(columns)+1))
	for _, e := range entries {
		if len(e.Ratios) == 0 || e.Target == baseline {
			continue
		}
		fmt.Fprint(tw, e.Target, " ×\t")
		for _, c := range columns {
			if ratio, ok := e.Ratios[c.ratio]; ok {
				fmt.Fprintf(tw, "%.2f\t", ratio)
			} else {
				fmt.Fprint(tw, "\t")
			}
		}
		fmt.Fprintln(tw)
	}
	tw.Flush()
	fmt.Fprintf(w, "\nMedians of %d rounds, one core for the proxy. × is the ratio to %s in this run.\n", rounds(results), baseline)
}

func rounds(results []*result) int {
	if len(results) == 0 {
		return 0
	}
	return len(results[0].Saturation)
}

func number(v float64) string {
	switch {
	case v < 0:
		return "–"
	case v < 10:
		return fmt.Sprintf("%.3f", v)
	case v < 1000:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}
