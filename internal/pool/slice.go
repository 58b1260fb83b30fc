package pool

import "time"

// pacer counts requests in the stretches of time that Azure is known to look at
// besides the minute: one second and ten. When Azure's begin is not told, so
// the last second and the last ten seconds count, wherever its own begin: what
// stays below those stays below Azure's.
type pacer struct {
	ten, one slice
	// What answers have disproved: that requests are counted by the second, by ten
	// seconds, and that the number told is a minute's.
	noOne, noTen, noMinute bool
}

// secondly and tenth are the parts of a minute's requests that each slice may hold. A
// deployment of less than one request a second is not counted by the second.
func secondly(rpm int64) int64 { return (rpm + 59) / 60 }
func tenth(rpm int64) int64    { return max((rpm+5)/6, 1) }

// many reports whether enough requests were counted that a slice may be full, which
// is quickly seen.
func (s *pacer) many(rpm int64) bool { return s.ten.sum >= smallest(rpm) }

// smallest is the lesser of both parts.
func smallest(rpm int64) int64 {
	if rpm >= 60 {
		return secondly(rpm)
	}
	return tenth(rpm)
}

// add counts a request now.
func (s *pacer) add(now time.Duration) {
	s.one.add(now/oneGrain, 1)
	s.ten.add(now/tenGrain, 1)
}

// drop takes back a request that was counted at a time.
func (s *pacer) drop(at time.Duration) {
	s.one.drop(at / oneGrain)
	s.ten.drop(at / tenGrain)
}

// over reports whether one more request now exceeds a second's, or ten seconds', part
// of rpm requests a minute.
func (s *pacer) over(now time.Duration, rpm int64) (one, ten bool) {
	one = rpm >= 60 && s.one.opens(now/oneGrain, secondly(rpm)) > now/oneGrain
	ten = s.ten.opens(now/tenGrain, tenth(rpm)) > now/tenGrain
	return one, ten
}

// opens returns the time from which on one more request exceeds no slice of which
// nothing has shown that it is not counted; now at the earliest.
func (s *pacer) opens(now time.Duration, rpm int64) time.Duration {
	at := now
	if rpm >= 60 && !s.noOne {
		at = max(at, s.one.opens(now/oneGrain, secondly(rpm))*oneGrain)
	}
	if !s.noTen {
		at = max(at, s.ten.opens(now/tenGrain, tenth(rpm))*tenGrain)
	}
	return at
}

const (
	// grains is how many parts a slice is counted in. The hundredth of the quota that is
	// lost to it is the price of not keeping each request's time.
	grains             = 100
	oneGrain, tenGrain = time.Second / grains, 10 * time.Second / grains
)

// slice counts requests in the newest grain and the hundred before it, so that none
// is forgotten before its time is over.
type slice struct {
	sum    int64
	newest time.Duration // number of the grain
	ring   [grains + 1]int32
}

func (s *slice) advance(grain time.Duration) {
	if grain-s.newest > grains {
		s.ring, s.sum, s.newest = [grains + 1]int32{}, 0, grain
		return
	}
	for s.newest < grain {
		s.newest++
		oldest := &s.ring[s.newest%(grains+1)]
		s.sum -= int64(*oldest)
		*oldest = 0
	}
}

func (s *slice) add(grain time.Duration, n int32) {
	s.advance(grain)
	s.ring[s.newest%(grains+1)] += n
	s.sum += int64(n)
}

func (s *slice) drop(grain time.Duration) {
	if s.newest-grain <= grains {
		s.ring[grain%(grains+1)]--
		s.sum--
	}
}

// opens returns the grain, the present one at the earliest, from which on fewer than
// limit are counted.
func (s *slice) opens(grain time.Duration, limit int64) time.Duration {
	s.advance(grain)
	left := s.sum
	for at := max(s.newest-grains, 0); left >= limit && at <= s.newest; at++ {
		left -= int64(s.ring[at%(grains+1)])
		grain = at + grains + 1
	}
	return grain
}
