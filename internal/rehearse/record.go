package rehearse

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// recorder keeps what a load came to, in bounded memory. It is safe for concurrent use.
type recorder struct {
	mu    sync.Mutex
	began time.Time

	sent, answered, failed, unfinished, retries int64
	plateau                                     int64 // sent while all users were there
	prompt, completion                          int64
	latency, first, waits, late                 histogram
	kinds                                       map[kind]*Status
	recent                                      [recentSeconds]second
}

// kind tells errors apart.
type kind struct {
	status int
	code   string
}

// maxKinds is how many kinds of errors are told apart; servers word the codes.
const maxKinds = 64

// second is what happened in one of the last seconds.
type second struct{ at, requests, tokens int64 }

// recentSeconds is how far back the rates of progress look.
const recentSeconds = 60

func newRecorder(began time.Time) *recorder {
	return &recorder{began: began, kinds: make(map[kind]*Status)}
}

// now is the second in the ring that is now; mu is held.
func (r *recorder) now() *second {
	at := int64(time.Since(r.began) / time.Second)
	s := &r.recent[at%recentSeconds]
	if s.at != at {
		*s = second{at: at}
	}
	return s
}

// send notes that a message leaves, how much later than it should, and whether all
// users are there.
func (r *recorder) send(late time.Duration, full bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent++
	if full {
		r.plateau++
	}
	r.late.add(late)
	r.now().requests++
}

// attempt notes one answer.
func (r *recorder) attempt(a *answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := kind{a.status, a.code}
	s := r.kinds[k]
	if s == nil && len(r.kinds) >= maxKinds {
		k = kind{a.status, "others"}
		s = r.kinds[k]
	}
	if s == nil && len(r.kinds) < 2*maxKinds {
		s = &Status{Status: a.status, Code: k.code, Message: a.message}
		r.kinds[k] = s
	}
	if s != nil {
		s.Count++
	}
	r.prompt += a.prompt
	r.completion += a.completion
	r.now().tokens += a.prompt + a.completion
	if a.retryAfter > 0 && !a.ok() {
		r.waits.add(a.retryAfter)
	}
}

// end notes what became of a message in the end.
func (r *recorder) end(a *answer, took time.Duration, retries int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.retries += int64(retries)
	if !a.ok() {
		r.failed++
		return
	}
	r.answered++
	r.latency.add(took)
	if a.firstToken > 0 {
		r.first.add(a.firstToken)
	}
}

// giveUp notes a message whose answer nobody waited for.
func (r *recorder) giveUp() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unfinished++
}

// Progress is how a load is doing.
type Progress struct {
	Elapsed time.Duration
	// Users is how many are there now.
	Users                  int
	Sent, Answered, Failed int64
	// PerMinute and TokensPerMinute are of the last minute.
	PerMinute, TokensPerMinute float64
	Median, P95                time.Duration
}

func (r *recorder) progress(users int) Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	elapsed := time.Since(r.began)
	p := Progress{
		Elapsed: elapsed, Users: users, Sent: r.sent, Answered: r.answered, Failed: r.failed,
		Median: r.latency.percentile(50), P95: r.latency.percentile(95),
	}
	var sum second
	now := int64(elapsed / time.Second)
	for _, s := range r.recent {
		if s.at > now-recentSeconds {
			sum.requests += s.requests
			sum.tokens += s.tokens
		}
	}
	if span := min(elapsed, recentSeconds*time.Second).Minutes(); span > 0 {
		p.PerMinute, p.TokensPerMinute = float64(sum.requests)/span, float64(sum.tokens)/span
	}
	return p
}

// Report is what a load came to. Times are in seconds.
type Report struct {
	Endpoint   string  `json:"endpoint"`
	Route      Route   `json:"route"`
	Model      string  `json:"model,omitempty"`
	Users      int     `json:"users"`
	PerUser    float64 `json:"messages_per_minute_of_each"`
	MaxTokens  int64   `json:"max_tokens"`
	Elapsed    float64 `json:"elapsed_seconds"`
	EndedEarly bool    `json:"ended_early"`
	// Samples is how many messages were sent: Answered to the end, Failed, or
	// Unfinished when the load ended early.
	Samples    int64 `json:"samples"`
	Answered   int64 `json:"answered"`
	Failed     int64 `json:"failed"`
	Unfinished int64 `json:"unfinished"`
	Retries    int64 `json:"retries"`
	// PerMinute is Samples by the minute, FullPerMinute while all users were there; 0
	// when that was for less than the time between two messages of one.
	PerMinute     float64 `json:"per_minute"`
	FullPerMinute float64 `json:"per_minute_with_all_users"`
	// Latency is of answered messages, from the sending to the last byte, retries
	// included; FirstToken of streams.
	Latency    Summary  `json:"latency_seconds"`
	FirstToken *Summary `json:"first_token_seconds,omitempty"`
	// Late is by how much this machine sent later than it should have.
	Late   Summary  `json:"sent_late_seconds"`
	Tokens Tokens   `json:"tokens"`
	Kinds  []Status `json:"statuses"`
	// RetryAfter is of the waits that refusals told.
	RetryAfter Summary `json:"retry_after_seconds"`
}

// Tokens is what the answers' usage adds up to.
type Tokens struct {
	Prompt     int64   `json:"prompt"`
	Completion int64   `json:"completion"`
	Total      int64   `json:"total"`
	PerMinute  float64 `json:"per_minute"`
}

// Status counts one kind of answer: Status is 0 where none came, and Code and the first
// Message are empty where nothing is wrong.
type Status struct {
	Status  int    `json:"status"`
	Code    string `json:"code,omitempty"`
	Count   int64  `json:"count"`
	Message string `json:"message,omitempty"`
}

func (r *recorder) report(l *Load, early bool) *Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	elapsed := time.Since(r.began)
	out := &Report{
		Endpoint: l.Traffic.URL, Route: l.Route, Model: l.Model, Users: l.Users, PerUser: l.PerMinute, MaxTokens: l.MaxTokens,
		Elapsed: elapsed.Seconds(), EndedEarly: early, Samples: r.sent, Answered: r.answered, Failed: r.failed,
		Unfinished: r.unfinished, Retries: r.retries,
		Latency: r.latency.summary(), Late: r.late.summary(), RetryAfter: r.waits.summary(),
		Tokens: Tokens{Prompt: r.prompt, Completion: r.completion, Total: r.prompt + r.completion},
		Kinds:  make([]Status, 0, len(r.kinds)),
	}
	if l.Route == Prompt {
		out.Model = ""
	}
	if r.first.n > 0 {
		first := r.first.summary()
		out.FirstToken = &first
	}
	if minutes := elapsed.Minutes(); minutes > 0 {
		out.PerMinute, out.Tokens.PerMinute = float64(r.sent)/minutes, float64(out.Tokens.Total)/minutes
	}
	from, to := l.together()
	if early {
		to = min(elapsed, to)
	}
	if to-from >= l.interval() { // less says nothing
		out.FullPerMinute = float64(r.plateau) / (to - from).Minutes()
	}
	for _, s := range r.kinds {
		out.Kinds = append(out.Kinds, *s)
	}
	slices.SortFunc(out.Kinds, func(a, b Status) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Code, b.Code))
	})
	return out
}
