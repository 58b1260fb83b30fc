package admin

import (
	"encoding/json"
	"net/http"
	"net/http/pprof"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/openapi"
)

// route is something that the admin side serves: how it is described, and what does it.
type route struct {
	openapi.Operation
	serve http.HandlerFunc
}

// anObject is a body whose form is that of the configuration.
var anObject = map[string]json.RawMessage(nil)

// deletion describes the deletion of a stored object.
func deletion(path, id, summary string) openapi.Operation {
	return openapi.Operation{Method: "DELETE", Path: path, ID: id, Summary: summary, IfMatch: true, Status: http.StatusNoContent}
}

// routes are all that the admin side serves to who bears the key. The document that
// describes it is made of them.
func (o *Options) routes() []route {
	all := []route{
		{openapi.Operation{Method: "POST", Path: "/admin/v1/config/reload", ID: "reloadConfig", Summary: "Read the configuration anew; where it cannot be used, the running one stays.",
			Status: http.StatusNoContent}, o.reload},
		{openapi.Operation{Method: "GET", Path: "/admin/v1/status", ID: "getStatus", Summary: "How the gateway and its deployments are.", Answer: api.Status{}}, serveStatus(o.Status)},
	}
	all = append(all, o.Limits.routes()...)
	all = append(all, o.Prices.routes()...)
	all = append(all, o.Events.routes()...)
	text := func(path, id, summary string, types ...string) openapi.Operation {
		return openapi.Operation{Method: "GET", Path: path, ID: id, Summary: summary, Answer: "", AnswerTypes: types}
	}
	const anything = "application/octet-stream"
	all = append(all,
		route{text("/metrics", "getMetrics", "The metrics, for Prometheus.", "text/plain"), o.Metrics.Handler().ServeHTTP},
		route{text("/debug/pprof/", "listProfiles", "The profiles of the Go runtime, each below its name.", "text/html"), pprof.Index},
		route{text("/debug/pprof/cmdline", "getCommandLine", "The command line.", "text/plain"), pprof.Cmdline},
		route{text("/debug/pprof/profile", "getCPUProfile", "A profile of the CPU, of ?seconds=30.", anything), pprof.Profile},
		route{text("/debug/pprof/symbol", "getSymbol", "The names of program counters.", "text/plain"), pprof.Symbol},
		route{text("/debug/pprof/trace", "getTrace", "A trace of the runtime, of ?seconds=1.", anything), pprof.Trace})
	all = append(all, route{openapi.Operation{Method: "GET", Path: "/admin/openapi.json", ID: "getOpenAPI", Summary: "This description.", Answer: anObject}, nil})
	all[len(all)-1].serve = serveDocument(o.Version, all)
	return all
}

// probes are what Probe answers, to everybody.
func probes() []openapi.Operation {
	probe := func(path, id, summary string) openapi.Operation {
		return openapi.Operation{Method: "GET", Path: path, ID: id, Summary: summary, Answer: "", AnswerTypes: []string{"text/plain"}, Open: true}
	}
	powerProxy := probe("/powerproxy/health/liveness", "getPowerProxyLiveness", "As /livez, for those who asked PowerProxy.")
	powerProxy.Answer, powerProxy.Status = nil, http.StatusNoContent
	return []openapi.Operation{
		probe("/livez", "getLive", "Whether the process runs."), probe("/readyz", "getReady", "Whether it can serve, or why not."),
		probe("/healthz", "getHealth", "As /readyz."), powerProxy,
	}
}

// serveDocument answers with the OpenAPI document of the routes.
func serveDocument(version string, routes []route) http.HandlerFunc {
	operations := probes()
	for _, r := range routes {
		operations = append(operations, r.Operation)
	}
	if version == "" {
		version = "dev"
	}
	text, err := json.Marshal(openapi.Describe(openapi.Info{Title: "Tallygate admin API", Version: version}, operations, api.Failure{}))
	return func(w http.ResponseWriter, _ *http.Request) {
		if err != nil {
			refuse(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Write(text)
	}
}

// reload reads the configuration anew.
func (o *Options) reload(w http.ResponseWriter, _ *http.Request) {
	if err := o.Reload(); err != nil {
		refuse(w, &tallygate.Error{Kind: tallygate.Unprocessable, Code: "ConfigInvalid", Message: err.Error()})
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
