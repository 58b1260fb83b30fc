package simulator

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
)

// call is one request on its way through the simulator. It belongs to the handler's
// goroutine.
type call struct {
	sim *Simulator
	res *resource
	dep *deployment // nil until known, and for operations that have none
	w   http.ResponseWriter
	r   *http.Request
	// rng makes what differs from request to request: ids and latencies.
	rng *rand.Rand

	style   style
	op      *operation
	version string
	named   string // the path's deployment
	object  string // the path's object id
	child   string // the id of an object within that one, or object
	stream  bool
	body    []byte // as read

	requestID string
	traceID   string
	fault     *Fault
	limits    verdict
	used      usage
	rec       Record
	// complete says that the answer was given to its end.
	complete bool
}

// serve answers one request to a resource; res is nil when none was addressed.
func (s *Simulator) serve(res *resource, w http.ResponseWriter, r *http.Request, path string) {
	c := &call{sim: s, res: res, w: w, r: r, rng: rand.New(rand.NewPCG(s.cfg.Seed, s.seq.Add(1)))}
	c.rec = Record{Time: s.now(), Method: r.Method, Target: r.RequestURI, Header: r.Header}
	if c.rec.Target == "" {
		c.rec.Target = r.URL.RequestURI()
	}
	c.front()
	defer c.end()
	if err := c.run(path); err != nil {
		c.fail(err)
	}
	if w, ok := c.w.(finisher); ok {
		w.finish(c)
	}
}

// run takes the request through the service's front and to its operation.
func (c *call) run(path string) *apiError {
	if c.res == nil {
		return resourceNotFound()
	}
	c.rec.Resource = c.res.Name
	if unknownHeaders(c.r.Header) > maxUnknownHeaders {
		return tooManyHeaders()
	}
	a, ok := readPath(path)
	c.style, c.named = a.style, a.deployment
	c.rec.Style = a.style.String()
	if err := c.authenticate(); err != nil {
		return err
	}
	if !ok {
		return resourceNotFound()
	}
	c.op, c.object, c.child = match(c.sim.routes, c.r.Method, a)
	if c.op == nil {
		return resourceNotFound()
	}
	c.rec.Operation = c.op.path
	c.version = c.r.URL.Query().Get("api-version")
	if err := c.checkVersion(); err != nil {
		return err
	}
	return c.op.serve(c)
}

// maxBody is the largest request body.
const maxBody = 128 << 20

// read reads the request's body and keeps it, up to a bound, for inspection.
func (c *call) read() ([]byte, *apiError) {
	var b bytes.Buffer
	if n := c.r.ContentLength; n > 0 && n <= 1<<20 {
		b.Grow(int(n) + bytes.MinRead)
	}
	_, err := b.ReadFrom(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	body := b.Bytes()
	c.body, c.rec.BodyBytes = body, int64(len(body))
	if c.sim.log.keep > 0 {
		c.rec.Body = string(body[:min(len(body), maxRecordBody)])
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, modelError(http.StatusRequestEntityTooLarge, "Maximum content size limit ("+
			strconv.Itoa(maxBody)+") exceeded", "server_error", "", "")
	case err != nil && !errors.Is(err, io.EOF):
		return nil, gone()
	}
	return body, nil
}

// locate finds the deployment: the path's, or the one that the body's model names.
// From here on the request counts there, and a fault may hit it.
func (c *call) locate(model string) *apiError {
	name := c.named
	if c.style != styleDeployments {
		if name = model; name == "" {
			return invalid("model", "missing_required_parameter", "you must provide a model parameter")
		}
	}
	d := c.res.deployment(name)
	if d == nil {
		return deploymentNotFound()
	}
	c.dep, c.rec.Deployment = d, d.Name
	d.begin()
	return c.applyFault()
}

// applyFault takes the first fault of the script that hits the request and does what
// it does before an answer; the rest is up to the stream.
func (c *call) applyFault() *apiError {
	c.fault = c.sim.faults.take(c)
	if c.fault == nil {
		return nil
	}
	c.rec.Fault = c.fault.ID
	c.disguise()
	return c.misbehave()
}

// admit asks the deployment's limits, and on a refusal of a provisioned one the
// standard deployment that it spills over to. completion is the tokens asked for.
func (c *call) admit(p *prompt, completion int64) *apiError {
	v := c.dep.admit(c.sim.now(), p, completion)
	if !v.ok && v.what == "ptu" && c.spill(p, completion) {
		return nil
	}
	c.limits, c.used = v, v.used
	v.header(c.w.Header())
	if v.ok {
		return nil
	}
	c.rec.Throttled = true
	return c.throttled(v)
}

// spill moves the request to the standard deployment that the request or the
// configuration names, and reports whether it had room.
func (c *call) spill(p *prompt, completion int64) bool {
	name := c.r.Header.Get("X-Ms-Spillover-Deployment")
	if name == "" {
		name = c.dep.Spillover
	}
	from, to := c.dep, c.res.deployment(name)
	if to == nil || to == from || to.provisioned() {
		return false
	}
	h := c.w.Header()
	v := to.admit(c.sim.now(), p, completion)
	if !v.ok {
		h.Set("x-ms-spillover-error", strconv.Itoa(http.StatusTooManyRequests))
		return false
	}
	from.hand()
	to.begin()
	h.Set("x-ms-spillover-from-deployment", headerSafe(from.Name))
	v.header(h)
	c.dep, c.rec.Deployment, c.limits, c.used = to, to.Name, v, v.used
	return true
}

// provisioned reports whether the deployment has a bucket in place of windows.
func (d *deployment) provisioned() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.PTU > 0
}

// hand counts out a request that another deployment serves.
func (d *deployment) hand() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.count.InFlight--
	d.count.Throttled++
}

// fail writes an error, unless nobody is there.
func (c *call) fail(e *apiError) {
	if e.status == 0 {
		return
	}
	h := c.w.Header()
	if e.header != nil {
		e.header(h)
	}
	if e.model {
		h.Set("ms-azureml-model-error-reason", "model_error")
		setInt(h, "ms-azureml-model-error-statuscode", int64(e.status))
	}
	contentType := e.contentType
	if contentType == "" {
		contentType = "application/json"
	}
	c.write(e.status, contentType, e.body)
}

// json writes an answer.
func (c *call) json(status int, v any) *apiError {
	c.write(status, "application/json", marshal(v))
	return nil
}

// write writes a whole answer.
func (c *call) write(status int, contentType string, body []byte) {
	h := c.w.Header()
	if c.fault != nil && len(c.fault.Usage) > 0 {
		body = replaceUsage(body, c.fault.Usage)
	}
	h["Content-Type"] = []string{contentType}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	c.rec.Status = status
	c.complete = c.r.Context().Err() == nil
	c.w.WriteHeader(status)
	if !c.begun(body) {
		c.complete = false
		return
	}
	if _, err := c.w.Write(body); err != nil {
		c.complete = false
	}
}

// end puts the request into the books. It runs before the last of the answer leaves
// the server's buffer, so that a client never sees an answer that is not counted.
func (c *call) end() {
	c.rec.RequestID, c.rec.TraceID = c.requestID, c.traceID
	c.rec.Canceled = !c.complete && c.r.Context().Err() != nil
	c.rec.PromptTokens, c.rec.CachedTokens = c.used.prompt, c.used.cached
	c.rec.CompletionTokens, c.rec.ReasoningTokens = c.used.completion, c.used.reasoning
	if c.dep != nil {
		c.dep.settle(c.sim.now(), c.limits, c.used)
		c.dep.end(&c.rec)
	}
	c.sim.log.add(c.rec)
}
