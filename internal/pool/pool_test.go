package pool

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tallygate/tallygate"
)

// dep is a deployment of gpt-4o in the resource of that name.
func dep(resource string, change ...func(*tallygate.Deployment)) *tallygate.Deployment {
	d := &tallygate.Deployment{Resource: resource, Name: "gpt-4o", Model: "gpt-4o", Base: "gpt-4o"}
	for _, f := range change {
		f(d)
	}
	return d
}

func tier(n int) func(*tallygate.Deployment)   { return func(d *tallygate.Deployment) { d.Priority = n } }
func weight(n int) func(*tallygate.Deployment) { return func(d *tallygate.Deployment) { d.Weight = n } }
func tpm(n int64) func(*tallygate.Deployment)  { return func(d *tallygate.Deployment) { d.TPM = n } }
func rpm(n int64) func(*tallygate.Deployment)  { return func(d *tallygate.Deployment) { d.RPM = n } }
func ptu(n int64) func(*tallygate.Deployment)  { return func(d *tallygate.Deployment) { d.PTU = n } }

// gpt4o is the model of that name under a strategy.
func gpt4o(s Strategy, ds ...*tallygate.Deployment) Model {
	return Model{Name: "gpt-4o", Strategy: s, Deployments: ds}
}

func newPool(models ...Model) *Pool { return New(models, Options{Seed: 7}) }

// bubble runs f in virtual time.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// world answers for the upstream: by resource, a status and header, or an error.
type world map[string]reply

type reply struct {
	status int
	header http.Header
	err    error
	took   time.Duration
}

func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func throttle(pairs ...string) reply { return reply{status: 429, header: headers(pairs...)} }

// request goes through the pool as the proxy does, and returns the resources tried
// in order, and the error.
func request(ctx context.Context, p *Pool, w world, need Need) ([]string, error) {
	var tried []string
	k := p.Pick(&tallygate.Ask{Model: "gpt-4o"}, need)
	for c := range k.Candidates(ctx) {
		tried = append(tried, c.Resource)
		r := w[c.Resource]
		time.Sleep(r.took)
		if r.err != nil || r.status >= 429 || r.status == 401 || r.status == 403 {
			c.Failed(Failure{Status: r.status, Header: r.header, Err: r.err})
			continue
		}
		c.Answered(Answer{Status: 200, Header: r.header, FirstByte: r.took})
		c.Settled(tallygate.Usage{Source: tallygate.Exact, Prompt: need.Prompt, Completion: need.Output})
		return tried, nil
	}
	return tried, k.Err()
}

func try(t *testing.T, p *Pool, w world) ([]string, error) {
	t.Helper()
	return request(t.Context(), p, w, Need{Prompt: 100, Output: 100})
}

// wantTried fails unless the next request tries exactly these, in this order.
func wantTried(t *testing.T, p *Pool, w world, want ...string) {
	t.Helper()
	if got, _ := try(t, p, w); !cmp.Equal(got, want) {
		t.Errorf("at %v: tried %v, want %v", p.now(), got, want)
	}
}

// wantRefusal fails unless err is a refusal of the kind that says to come back after.
func wantRefusal(t *testing.T, err error, kind tallygate.Kind, after time.Duration) {
	t.Helper()
	e, ok := errors.AsType[*tallygate.Error](err)
	if !ok || e.Kind != kind || e.RetryAfter != after {
		t.Errorf("got %#v, want kind %d with RetryAfter %v", err, kind, after)
	}
}

// wantIdle fails unless nothing is in flight.
func wantIdle(t *testing.T, p *Pool) {
	t.Helper()
	for _, s := range p.Snapshot() {
		if s.InFlight != 0 {
			t.Errorf("%s has %d in flight, want 0", s.Deployment.ID(), s.InFlight)
		}
	}
}

// state of the resource's deployment, from the snapshot.
func stateOf(t *testing.T, p *Pool, resource string) State {
	t.Helper()
	for _, s := range p.Snapshot() {
		if s.Deployment.Resource == resource {
			return s
		}
	}
	t.Fatalf("no deployment in %s", resource)
	return State{}
}

func TestFailoverTriesEachOnceInOrder(t *testing.T) {
	down := errors.New("connection refused")
	one, two, three := dep("a"), dep("b", tier(2)), dep("c", tier(3))
	for name, c := range map[string]struct {
		deployments []*tallygate.Deployment
		world       world
		want        []string
		served      bool
	}{
		"one that works":            {[]*tallygate.Deployment{one}, world{}, []string{"a"}, true},
		"one that refuses":          {[]*tallygate.Deployment{one}, world{"a": throttle()}, []string{"a"}, false},
		"two, first refuses":        {[]*tallygate.Deployment{one, two}, world{"a": throttle()}, []string{"a", "b"}, true},
		"two, first unreachable":    {[]*tallygate.Deployment{one, two}, world{"a": {err: down}}, []string{"a", "b"}, true},
		"two, both refuse":          {[]*tallygate.Deployment{one, two}, world{"a": throttle(), "b": {status: 503}}, []string{"a", "b"}, false},
		"three, listed backwards":   {[]*tallygate.Deployment{three, two, one}, world{}, []string{"a"}, true},
		"three, two fail":           {[]*tallygate.Deployment{three, two, one}, world{"a": {status: 500}, "b": {err: down}}, []string{"a", "b", "c"}, true},
		"three, all fail":           {[]*tallygate.Deployment{one, two, three}, world{"a": {status: 500}, "b": {err: down}, "c": throttle()}, []string{"a", "b", "c"}, false},
		"same one listed thrice":    {[]*tallygate.Deployment{one, one, dep("A")}, world{"a": throttle()}, []string{"a"}, false},
		"three, first key is wrong": {[]*tallygate.Deployment{one, two, three}, world{"a": {status: 401}}, []string{"a", "b"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			for s := Headroom; s <= Random; s++ {
				p := newPool(gpt4o(s, c.deployments...))
				got, err := try(t, p, c.world)
				if !cmp.Equal(got, c.want) || (err == nil) != c.served {
					t.Errorf("%v: tried %v with error %v, want %v, served %v", s, got, err, c.want, c.served)
				}
				wantIdle(t, p)
			}
		})
	}
}

func TestFailedFirstTierIsLeftWhileSecondWorks(t *testing.T) {
	// Whatever it failed by, and also when all of its tier have failed.
	for name, bad := range map[string]reply{
		"capacity 429": throttle(), "429": throttle("Retry-After", "5"), "500": {status: 500}, "503 with time": {status: 503, header: headers("Retry-After", "3")},
		"unreachable": {err: errors.New("no route to host")}, "forbidden": {status: 403},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				for s := Headroom; s <= Random; s++ {
					p := newPool(gpt4o(s, dep("a"), dep("b"), dep("c", tier(2))))
					w := world{"a": bad, "b": bad}
					if got, _ := try(t, p, w); len(got) != 3 || got[2] != "c" {
						t.Fatalf("%v: first request tried %v, want both of tier 1, then c", s, got)
					}
					for range 20 {
						wantTried(t, p, w, "c")
					}
				}
			})
		})
	}
}

func TestFailureInOneDeploymentLeavesItsNeighbourAlone(t *testing.T) {
	small := &tallygate.Deployment{Resource: "a", Name: "mini", Model: "mini"}
	p := newPool(gpt4o(Headroom, dep("a")), Model{Name: "mini", Deployments: []*tallygate.Deployment{small}})
	if _, err := try(t, p, world{"a": throttle("Retry-After", "30")}); err == nil {
		t.Fatal("the 429 was taken for an answer")
	}
	k := p.Pick(&tallygate.Ask{Model: "mini"}, Need{})
	for c := range k.Candidates(t.Context()) {
		c.Answered(Answer{Status: 200})
		break
	}
	if err := k.Err(); err != nil {
		t.Errorf("mini in the same resource: %v", err)
	}
}

func TestModelsThatShareADeploymentShareItsCooldown(t *testing.T) {
	alias := dep("A")
	alias.Model = "chat"
	p := newPool(gpt4o(Headroom, dep("a")), Model{Name: "chat", Deployments: []*tallygate.Deployment{alias}})
	try(t, p, world{"a": throttle("Retry-After", "30")})
	k := p.Pick(&tallygate.Ask{Model: "chat"}, Need{})
	for c := range k.Candidates(t.Context()) {
		t.Fatalf("offered %s, which is cooling under its other name", c.ID())
	}
	if n := len(p.Snapshot()); n != 1 {
		t.Errorf("snapshot has %d deployments, want 1", n)
	}
}

func TestFallback(t *testing.T) {
	mini := func(resource string) *tallygate.Deployment {
		return &tallygate.Deployment{Resource: resource, Name: "mini", Model: "mini"}
	}
	nano := &tallygate.Deployment{Resource: "c", Name: "nano", Model: "nano"}
	m := gpt4o(Headroom, dep("a"), dep("b", tier(2)))
	m.Fallback = []string{"no-such", "GPT-4o", "Mini", "mini"}
	p := newPool(m,
		Model{Name: "mini", Deployments: []*tallygate.Deployment{mini("d"), mini("e")}, Fallback: []string{"gpt-4o", "nano"}},
		Model{Name: "nano", Deployments: []*tallygate.Deployment{nano}})
	k := p.Pick(&tallygate.Ask{Model: "GPT-4O"}, Need{})
	var models []string
	var fell []bool
	for c := range k.Candidates(t.Context()) {
		models, fell = append(models, c.Model), append(fell, k.FellBack())
		c.Failed(Failure{Status: 429, Header: headers("Retry-After", "5")})
	}
	// All of gpt-4o come first, then each mini once; mini's own fallback does not count.
	if want := []string{"gpt-4o", "gpt-4o", "mini", "mini"}; !cmp.Equal(models, want) {
		t.Errorf("models offered: %v, want %v", models, want)
	}
	if want := []bool{false, false, true, true}; !cmp.Equal(fell, want) {
		t.Errorf("FellBack: %v, want %v", fell, want)
	}
	if f, ok := k.Last(); !ok || f.Status != 429 || k.Attempts() != 4 {
		t.Errorf("Last = %v, %v after %d attempts, want the 429 after 4", f, ok, k.Attempts())
	}
}

func TestNames(t *testing.T) {
	p := newPool(Model{Name: "gpt-4o"}, Model{Name: "Ada"}, Model{Name: "GPT-4o", Deployments: []*tallygate.Deployment{dep("a")}})
	if want := []string{"Ada", "gpt-4o"}; !cmp.Equal(p.Models(), want) {
		t.Errorf("Models = %v, want %v", p.Models(), want)
	}
	for name, want := range map[string]bool{"gpt-4O": true, "ADA": true, "": false, "gpt-4": false, "ﬁ": false} {
		if p.Has(name) != want {
			t.Errorf("Has(%q) = %v, want %v", name, !want, want)
		}
	}
	wantTried(t, p, nil, "a") // the deployments of both spellings are one model's
}

func TestNoSuchModelAndNoDeployments(t *testing.T) {
	p := newPool(Model{Name: "empty", Wait: time.Hour})
	for model, want := range map[string]tallygate.Kind{"nothing": tallygate.NotFound, "": tallygate.NotFound, "empty": tallygate.Unavailable} {
		k := p.Pick(&tallygate.Ask{Model: model}, Need{})
		for range k.Candidates(t.Context()) {
			t.Fatalf("%q has a candidate", model)
		}
		e := tallygate.AsError(k.Err())
		if e.Kind != want || e.Kind == tallygate.NotFound && (e.Code != "DeploymentNotFound" || !strings.Contains(e.Message, `"`+model+`"`)) {
			t.Errorf("%q: %#v, want kind %d", model, e, want)
		}
	}
}

func TestReloadKeepsWhatIsKnown(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := newPool(gpt4o(Headroom, dep("a"), dep("b", tier(2)), dep("c", tier(3))))
		var next *Pool
		k := p.Pick(&tallygate.Ask{Model: "gpt-4o"}, Need{})
		for c := range k.Candidates(t.Context()) {
			if c.Resource == "a" {
				c.Failed(Failure{Status: 429, Header: headers("Retry-After", "40")})
				continue
			}
			// b is busy while the configuration changes: a stays with a new quota, c goes, d comes.
			next = p.Next([]Model{gpt4o(Headroom, dep("A", tpm(5000)), dep("b", tier(2)), dep("d", tier(3)))})
			if got := stateOf(t, next, "b").InFlight; got != 1 {
				t.Errorf("b has %d in flight after the reload, want 1", got)
			}
			break
		}
		if got := stateOf(t, next, "A"); got.Cooling != 40*time.Second || got.Why != Throttled || !got.RoomKnown {
			t.Errorf("a after the reload: %+v, want cooling for 40s with its quota known", got)
		}
		wantIdle(t, next)
		wantTried(t, next, world{"b": throttle()}, "b", "d")
		wantTried(t, p, nil, "c") // the old pool knows too that b refused
		time.Sleep(40 * time.Second)
		wantTried(t, next, nil, "A")
	})
}
