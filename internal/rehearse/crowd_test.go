package rehearse

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A steady crowd keeps its rate to within 2 %, writes in order, within its stay, never
// more than the bound in all, and never twice in nine tenths of an interval.
func TestSteadyCrowd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Crowd{
			Users: rapid.IntRange(1, 200).Draw(t, "users"), PerMinute: rapid.Float64Range(0.1, 600).Draw(t, "per minute"),
			Ramp: time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "ramp")), Seed: rapid.Uint64().Draw(t, "seed"),
		}
		slots := rapid.IntRange(1, 60).Draw(t, "slots")
		c.For = time.Duration(float64(slots) / c.PerMinute * float64(time.Minute))
		for user := range min(c.Users, 3) {
			times := slices.Collect(c.Times(user))
			if n := len(times); float64(n) > c.For.Minutes()*c.PerMinute+1e-6 || math.Abs(float64(n-slots)) > 0.02*float64(slots)+1e-6 {
				if n != slots-1 || slots > 50 { // the stay was rounded down by a nanosecond
					t.Fatalf("%d messages in %d intervals", n, slots)
				}
			}
			from := c.arrival(user)
			for i, at := range times {
				if at < from || at > from+c.For {
					t.Fatalf("message %d at %v is not between %v and %v", i, at, from, from+c.For)
				}
				if i > 0 && float64(at-times[i-1]) < 0.9*float64(c.interval())-2 {
					t.Fatalf("messages %v apart at an interval of %v", at-times[i-1], c.interval())
				}
			}
		}
	})
}

// While all users are there the published plan's 100 send 400 a minute, to within 2 %
// in each minute, although they came at their own time.
func TestPublishedRate(t *testing.T) {
	c := Crowd{Users: 100, PerMinute: 4, Ramp: time.Minute, For: 5 * time.Minute, Seed: 1}
	all := c.All()
	if len(all) != 2000 || c.End() < 5*time.Minute || c.End() > 6*time.Minute {
		t.Fatalf("%d messages until %v", len(all), c.End())
	}
	for minute := time.Minute; minute < 5*time.Minute; minute += time.Minute {
		if n := between(all, minute, minute+time.Minute); n < 392 || n > 408 {
			t.Errorf("%d messages in the minute from %v", n, minute)
		}
	}
	if again := c.All(); !slices.Equal(all, again) {
		t.Error("the same seed gives other times")
	}
	c.Seed++
	if slices.Equal(all, c.All()) {
		t.Error("another seed gives the same times")
	}
}

// A crowd that comes at once is not in step: no second has a tenth of a minute's.
func TestNotInStep(t *testing.T) {
	c := Crowd{Users: 100, PerMinute: 4, For: time.Minute, Seed: 3}
	if at, n := busiest(c.All()); n > 40 || n < 7 {
		t.Errorf("%d messages in the second from %v", n, at)
	}
}

// A random crowd has the same rate in the long run, and the spread of chance: the
// variance of a minute's count is its average.
func TestRandomCrowd(t *testing.T) {
	c := Crowd{Users: 50, PerMinute: 4, For: 500 * time.Minute, Random: true, Seed: 2}
	all := c.All()
	var sum, sq float64
	for m := range 500 {
		n := float64(between(all, time.Duration(m)*time.Minute, time.Duration(m+1)*time.Minute))
		sum += n
		sq += n * n
	}
	average := sum / 500
	variance := sq/500 - average*average
	if math.Abs(average-200) > 4 || variance < 140 || variance > 270 {
		t.Errorf("a minute has %.1f messages with variance %.1f, want 200 and 200", average, variance)
	}
}

func between(times []time.Duration, from, to time.Duration) (n int) {
	for _, at := range times {
		if at >= from && at < to {
			n++
		}
	}
	return n
}

// Users are there from when they come until they leave.
func TestPresent(t *testing.T) {
	c := Crowd{Users: 4, PerMinute: 1, Ramp: 40 * time.Second, For: time.Minute}
	for at, want := range map[time.Duration]int{
		0: 1, 9 * time.Second: 1, 10 * time.Second: 2, 30 * time.Second: 4, 59 * time.Second: 4,
		60 * time.Second: 3, 89 * time.Second: 1, 90 * time.Second: 0,
	} {
		if got := c.present(at); got != want {
			t.Errorf("%d users at %v, want %d", got, at, want)
		}
	}
}

// What makes no sense is refused in words.
func TestCrowdCheck(t *testing.T) {
	good := Crowd{Users: 1, PerMinute: 4, For: time.Minute}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Crowd){
		"no users": func(c *Crowd) { c.Users = 0 }, "too many": func(c *Crowd) { c.Users = maxUsers + 1 },
		"no rate": func(c *Crowd) { c.PerMinute = 0 }, "no number": func(c *Crowd) { c.PerMinute = math.NaN() },
		"back": func(c *Crowd) { c.Ramp = -1 }, "no stay": func(c *Crowd) { c.For = 0 },
		"too short": func(c *Crowd) { c.For = 14 * time.Second },
	} {
		c := good
		change(&c)
		if c.Check() == nil {
			t.Errorf("%s passes", name)
		}
	}
}
