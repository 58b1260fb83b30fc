package rehearse

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"sync"
	"syscall"
	"time"
)

// Load is a crowd that sends messages in earnest.
type Load struct {
	Crowd
	Traffic
	// Timeout is how long a message waits for its answer's end.
	Timeout time.Duration
	// Retry lets messages come again as SDKs do: twice, after what retry-after says.
	// Without it a load is a load, and no refusal slows it.
	Retry bool
	// Every is how often Tell is told how it goes, from one goroutine, and once at the
	// end; Tell may be nil.
	Every time.Duration
	Tell  func(Progress)
	// Transport sends requests; nil is connections of its own that are kept alive.
	Transport http.RoundTripper
}

// Run sends until every user has left and was answered, or ctx is done: then it ends at
// once. Either way it reports what was; it fails only when nothing can be sent. Each
// message leaves when it is due, whether or not those before it were answered.
func (l *Load) Run(ctx context.Context) (*Report, error) {
	if err := errors.Join(l.Crowd.Check(), l.Traffic.Check()); err != nil {
		return nil, err
	}
	if l.Timeout <= 0 {
		return nil, fmt.Errorf("a timeout of %v leaves no time for an answer", l.Timeout)
	}
	s, err := l.Traffic.sender()
	if err != nil {
		return nil, err
	}
	transport := l.Transport
	if transport == nil {
		t := transportOf(l.Users)
		defer t.CloseIdleConnections()
		transport = t
	}
	run := &run{Load: l, sender: s, recorder: newRecorder(time.Now()), client: &http.Client{
		Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	var users sync.WaitGroup
	for user := range l.Users {
		users.Go(func() { run.user(ctx, user) })
	}
	ended := make(chan struct{})
	go func() {
		users.Wait()
		close(ended)
	}()
	run.tell(ended)
	return run.recorder.report(l, ctx.Err() != nil), nil
}

// transportOf returns connections for so many users, each of whom keeps one.
func transportOf(users int) *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true, DisableCompression: true,
		MaxIdleConns: 2 * users, MaxIdleConnsPerHost: 2 * users, IdleConnTimeout: 90 * time.Second,
	}
}

// run is a load under way.
type run struct {
	*Load
	sender   *sender
	recorder *recorder
	client   *http.Client
}

// tell tells how it goes until it has ended.
func (r *run) tell(ended <-chan struct{}) {
	if r.Tell == nil || r.Every <= 0 {
		<-ended
		return
	}
	say := func() { r.Tell(r.recorder.progress(r.present(time.Since(r.recorder.began)))) }
	tick := time.NewTicker(r.Every)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			say()
			return
		case <-tick.C:
			say()
		}
	}
}

// user sends one user's messages when they are due and returns when the last is
// answered.
func (r *run) user(ctx context.Context, user int) {
	var messages sync.WaitGroup
	defer messages.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	from, to := r.together()
	for at := range r.Times(user) {
		timer.Reset(at - time.Since(r.recorder.began))
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if ctx.Err() != nil {
			return
		}
		r.recorder.send(time.Since(r.recorder.began)-at, at >= from && at < to)
		messages.Go(func() { r.message(ctx, user) })
	}
}

// message sends one message, again if it may, and records what became of it.
func (r *run) message(ctx context.Context, user int) {
	began := time.Now()
	for retries := 0; ; retries++ {
		a, ok := r.once(ctx, user, began)
		if !ok {
			r.recorder.giveUp()
			return
		}
		r.recorder.attempt(&a)
		if !r.Retry || retries == maxRetries || !a.retryable() {
			r.recorder.end(&a, time.Since(began), retries)
			return
		}
		select {
		case <-ctx.Done():
			r.recorder.giveUp()
			return
		case <-time.After(a.pause(retries)):
		}
	}
}

// once sends one request and reads its answer; false when ctx was done before.
func (r *run) once(ctx context.Context, user int, began time.Time) (answer, bool) {
	attempt, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	req, err := r.sender.request(attempt, user)
	if err != nil {
		return answer{code: "no request", message: err.Error()}, true
	}
	res, err := r.client.Do(req)
	var a answer
	if err != nil {
		a.fail(why(err), wording(err))
	} else {
		a = readAnswer(res, r.Stream, func() time.Duration { return time.Since(began) })
		res.Body.Close()
		if a.broken && attempt.Err() != nil {
			a.code = "timeout"
		}
	}
	a.code, a.message = r.hide(a.code), r.hide(a.message)
	return a, ctx.Err() == nil || a.ok()
}

// why names the kind of a failure to get an answer.
func why(err error) string {
	var network net.Error
	switch {
	case errors.As(err, &network) && network.Timeout():
		return "timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection reset"
	case errors.As(err, new(*net.DNSError)):
		return "no such host"
	}
	return "no answer"
}

// wording is what an error says, without the URL that the client puts before it.
func wording(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	return err.Error()
}

// What SDKs do by default.
const (
	maxRetries = 2
	maxHeeded  = time.Minute // a retry-after above it is not heeded
)

// retryable reports whether SDKs would send the message again.
func (a *answer) retryable() bool {
	if a.ok() || a.status != 0 && a.broken {
		return false
	}
	switch a.again {
	case "true":
		return true
	case "false":
		return false
	}
	return a.status == 0 || a.status == http.StatusRequestTimeout || a.status == http.StatusConflict ||
		a.status == http.StatusTooManyRequests || a.status >= 500
}

// pause is how long SDKs wait before they send a message again.
func (a *answer) pause(retries int) time.Duration {
	if a.retryAfter > 0 && a.retryAfter <= maxHeeded {
		return a.retryAfter
	}
	back := min(500*time.Millisecond<<retries, 8*time.Second)
	return back - time.Duration(rand.Float64()*0.25*float64(back))
}
