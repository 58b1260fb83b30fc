package simulator

import (
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Simulator is a set of Azure OpenAI resources. It is an http.Handler for all of them;
// Handler gives one alone. It has no goroutines of its own and is safe for concurrent
// use.
type Simulator struct {
	cfg    Config
	now    func() time.Time
	byName map[string]*resource // by lower-case name
	routes []operation
	seq    atomic.Uint64 // requests so far, the source of ids
	faults faultBook
	log    requestLog
}

// resource is one resource with its deployments and stored objects.
type resource struct {
	Resource
	sim       *Simulator
	keys      map[string]bool // key or token: true when a key
	mu        sync.RWMutex
	byName    map[string]*deployment // by lower-case name
	responses responseStore
	objects   objectStore
}

// New builds a simulator. It fails when the configuration makes no sense, and says why.
func New(cfg Config) (*Simulator, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	s := &Simulator{cfg: cfg, now: cfg.Now, byName: map[string]*resource{}, routes: routes()}
	if s.now == nil {
		s.now = time.Now
	}
	s.faults.rng = rand.New(rand.NewPCG(cfg.Seed, 0x666175_6c74))
	s.log.keep = cfg.Remember
	if cfg.Remember == 0 {
		s.log.keep = 256
	}
	for _, r := range cfg.Resources {
		res := &resource{Resource: r, sim: s, keys: map[string]bool{}, byName: map[string]*deployment{}}
		for _, t := range r.Tokens {
			res.keys[t] = false
		}
		for _, k := range append([]string{r.Key}, r.Keys...) {
			if k != "" {
				res.keys[k] = true
			}
		}
		for _, d := range r.Deployments {
			res.byName[strings.ToLower(d.Name)] = newDeployment(d)
		}
		s.byName[strings.ToLower(r.Name)] = res
	}
	return s, nil
}

// Handler returns the data plane of one resource, for a listener of its own. For a
// name that is not configured it answers 404, as an address does that no resource has.
func (s *Simulator) Handler(name string) http.Handler {
	res := s.byName[strings.ToLower(name)]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.serve(res, w, r, r.URL.EscapedPath())
	})
}

// ServeHTTP serves every resource. The first label of the Host names it
// ("contoso-sweden.openai.azure.com", "contoso-sweden.localhost:8090"), or the first
// segment of the path does ("/contoso-sweden/openai/..."); a lone resource needs no
// naming. The admin routes are below /_simulator/.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	if strings.HasPrefix(path, adminPrefix) {
		s.serveAdmin(w, r)
		return
	}
	res, path := s.pick(r.Host, path)
	s.serve(res, w, r, path)
}

// pick returns the resource that is addressed and the path within it; nil when none is.
func (s *Simulator) pick(host, path string) (*resource, string) {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	label, _, _ := strings.Cut(host, ".")
	if res := s.byName[strings.ToLower(label)]; res != nil {
		return res, path
	}
	name, rest, found := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if res := s.byName[strings.ToLower(name)]; res != nil && found {
		return res, "/" + rest
	}
	if len(s.byName) == 1 {
		for _, res := range s.byName {
			return res, path
		}
	}
	return nil, path
}

// deployment returns the deployment of that name, nil when there is none.
func (r *resource) deployment(name string) *deployment {
	key := strings.ToLower(name)
	r.mu.RLock()
	d := r.byName[key]
	r.mu.RUnlock()
	if d != nil || !r.AnyModel || name == "" {
		return d
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if d := r.byName[key]; d != nil {
		return d
	}
	d = newDeployment(Deployment{Name: strings.ToValidUTF8(name, "")})
	if len(r.byName) < maxDeployments {
		r.byName[key] = d
	}
	return d
}

// maxDeployments bounds what AnyModel lets strangers create; beyond it deployments
// are made for one request and forgotten.
const maxDeployments = 1000
