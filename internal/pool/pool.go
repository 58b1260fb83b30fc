package pool

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tallygate/tallygate"
)

// Options hold for every pool that descends from one New by Next.
type Options struct {
	Cooldown Cooldown
	// Seed makes random choices repeatable; 0 draws one.
	Seed uint64
	// Drains adds to, or overrides, the built-in table of what one provisioned
	// throughput unit serves, by base model (lower case).
	Drains map[string]Drain
	// MaxWaiting bounds how many requests wait for one model; 0 means 10,000. One
	// caller has at most half of the places that are left.
	MaxWaiting int
	// Changed, when set, is told when a deployment's health changes. It is called
	// in the request's way without a lock held, so it must not block.
	Changed func(Change)
}

// Cooldown bounds how long a deployment is left alone after it refused.
type Cooldown struct {
	// Default is for refusals that do not say how long, and the first time a
	// breaker opens; 0 means 10 s.
	Default time.Duration
	// Max caps whatever the upstream says, and a breaker's growing time; 0 means 60 s.
	Max time.Duration
}

// Model is what callers ask for by name, and how its deployments share the work.
type Model struct {
	// Name is matched in any letter case, as Azure's deployment names are.
	Name     string
	Strategy Strategy
	// Affinity sends like prompts (tallygate.Ask.Affinity) to the same deployment
	// while it has room, so that Azure's prompt cache pays. Headroom only.
	Affinity bool
	// Wait bounds how long after its start a request may still be given its next
	// round of candidates when none has room; 0 does not wait.
	Wait time.Duration
	// Reserve keeps shares of the room for groups.
	Reserve []Reserve
	// BatchShare is the share of the room, in percent, above which deployments are
	// full for batch requests (Need.Batch); 0 is no bound. Like Reserve it binds
	// where the quota is known.
	BatchShare int
	// Fallback names the models to go on with when no deployment of this one is
	// left. Their own fallbacks do not count. Names that are no model of the
	// pool, or this one, add nothing.
	Fallback []string
	// Deployments may list one several times: it then has that many shares under
	// round_robin, weight, random and priority.
	Deployments []*tallygate.Deployment
}

// Pool is a fixed set of models and their deployments. A changed configuration
// makes a new one with Next; what is known about a deployment passes on to it.
type Pool struct {
	*shared
	models map[string]*model // by lower-case name
	names  []string
	states map[string]*state // by lower-case deployment ID
}

// shared is what a pool has in common with those that came from it by Next.
type shared struct {
	opts   Options
	epoch  time.Time     // times within the package count from here
	random atomic.Uint64 // see draw

	// mu guards all states, the turns of all entries, and lanes. One lock is cheaper
	// than one per deployment, since every request looks at most of them.
	mu    sync.Mutex
	lanes map[string]*lane // by lower-case model name
}

type model struct {
	name     string
	strategy Strategy
	affinity bool
	wait     time.Duration
	entries  []*entry
	fallback []*model
	lane     *lane

	reserves   []Reserve
	batchShare int
	keeps      bool // one of both is set
}

// entry is a deployment's place in one model.
type entry struct {
	*tallygate.Deployment
	state  *state
	tier   int
	rows   int // how often it is listed
	weight int // sum of its rows' weights

	current int // smooth weighted round robin, guarded by shared.mu
}

// New returns a pool of the models. Models of the same name become one: the first
// decides its settings, the deployments of all belong to it.
func New(models []Model, opts Options) *Pool {
	opts.Cooldown.Default = cmp.Or(opts.Cooldown.Default, 10*time.Second)
	opts.Cooldown.Max = cmp.Or(opts.Cooldown.Max, time.Minute)
	opts.MaxWaiting = cmp.Or(opts.MaxWaiting, 10_000)
	s := &shared{opts: opts, epoch: time.Now(), lanes: map[string]*lane{}}
	s.random.Store(cmp.Or(opts.Seed, rand.Uint64()))
	return build(s, models, nil)
}

// Next returns the pool of a changed configuration. Deployments that stay keep
// their cool-downs, breakers, counts and requests in flight, and requests that
// wait for a model keep their place; the old pool may be used to its end.
func (p *Pool) Next(models []Model) *Pool {
	return build(p.shared, models, p.states)
}

func build(s *shared, models []Model, known map[string]*state) *Pool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &Pool{shared: s, models: map[string]*model{}, states: map[string]*state{}}
	for _, cfg := range models {
		m := p.models[strings.ToLower(cfg.Name)]
		if m == nil {
			m = &model{name: cfg.Name, strategy: cfg.Strategy, wait: cfg.Wait, lane: s.lane(cfg.Name),
				affinity: cfg.Affinity && cfg.Strategy == Headroom, reserves: cfg.Reserve, batchShare: cfg.BatchShare,
				keeps: len(cfg.Reserve) > 0 || cfg.BatchShare > 0}
			m.lane.keep(cfg.Reserve)
			p.models[strings.ToLower(cfg.Name)] = m
		}
		for _, d := range cfg.Deployments {
			m.add(d, p.state(d, known))
		}
	}
	for _, cfg := range models {
		m := p.models[strings.ToLower(cfg.Name)]
		for _, name := range cfg.Fallback {
			next := p.models[strings.ToLower(name)]
			if next != nil && !slices.Contains(m.fallback, next) {
				m.fallback = append(m.fallback, next)
			}
		}
	}
	for _, m := range p.models {
		p.names = append(p.names, m.name)
		for _, e := range m.entries {
			e.state.keep(m.reserves)
		}
	}
	slices.SortFunc(p.names, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
	})
	return p
}

// state returns what is known about d: from this pool, from the one before, or new.
func (p *Pool) state(d *tallygate.Deployment, known map[string]*state) *state {
	id := strings.ToLower(d.ID())
	if s := p.states[id]; s != nil {
		return s
	}
	s := known[id]
	if s == nil {
		s = newState(p.shared, id)
	}
	s.configure(d)
	p.states[id] = s
	return s
}

// keep begins to count what the groups use for which something is kept.
func (s *state) keep(rs []Reserve) {
	for _, r := range rs {
		if s.kept == nil {
			s.kept = map[string]*window{}
		}
		if s.kept[r.Group] == nil {
			s.kept[r.Group] = &window{}
		}
	}
}

func (m *model) add(d *tallygate.Deployment, s *state) {
	weight := max(d.Weight, 1)
	for _, e := range m.entries {
		if e.state == s {
			e.rows++
			e.weight += weight
			return
		}
	}
	m.entries = append(m.entries, &entry{Deployment: d, state: s, tier: max(d.Priority, 1), rows: 1, weight: weight})
}

// Lift forgets why a resource's deployments were left alone, because its key or its
// address is another one. One request goes first to each of them; what those that are on
// their way still tell is of the past.
func (p *Pool) Lift(resource string) {
	p.mu.Lock()
	for _, s := range p.states {
		if strings.EqualFold(s.spec.Resource, resource) {
			s.lift()
		}
	}
	p.mu.Unlock()
	p.kick()
}

// lift forgets why the deployment was left alone; it is locked.
func (s *state) lift() {
	s.era++
	s.cool, s.why, s.blocked, s.accuser, s.breaker = 0, 0, false, "", breaker{}
	s.resting, s.trial, s.hasty, s.servedAt = true, nil, false, 0
}

// Has reports whether the pool has a model of that name, in any letter case.
func (p *Pool) Has(model string) bool { return p.models[strings.ToLower(model)] != nil }

// Models returns the names of the models as configured, sorted.
func (p *Pool) Models() []string { return slices.Clone(p.names) }

// Waiting returns how many requests wait for the model to have room.
func (p *Pool) Waiting(model string) int {
	if m := p.models[strings.ToLower(model)]; m != nil {
		return int(m.lane.waiting.Load())
	}
	return 0
}

// now is the time since the epoch. It is monotonic.
func (s *shared) now() time.Duration { return time.Since(s.epoch) }

// draw returns 64 random bits (splitmix64, which needs no lock).
func (s *shared) draw() uint64 { return mix(s.random.Add(0x9e3779b97f4a7c15)) }

// mix is the finaliser of splitmix64: every bit of x moves every bit of the result.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// lane returns the queue of the model, the same for all pools by Next; s is locked.
func (s *shared) lane(model string) *lane {
	name := strings.ToLower(model)
	l := s.lanes[name]
	if l == nil {
		l = newLane(s.opts.MaxWaiting)
		s.lanes[name] = l
	}
	return l
}

// kick makes those who wait look again, since a deployment came back sooner than
// its time.
func (s *shared) kick() {
	s.mu.Lock()
	lanes := slices.Collect(maps.Values(s.lanes))
	s.mu.Unlock()
	for _, l := range lanes {
		l.kick()
	}
}
