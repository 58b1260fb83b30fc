package upstream_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/upstream"
)

// strangers are headers of which none goes upstream: they choose another deployment,
// method or address, prove who somebody is, or were put there by what stands before.
var strangers = []string{
	"x-ms-spillover-deployment", "x-ms-oai-image-generation-deployment", "azureml-model-deployment", "x-http-method-override", "x-http-method",
	"x-method-override", "x-original-url", "x-original-method", "x-rewrite-url", "x-api-key", "x-functions-key", "x-goog-api-key",
	"client-ip", "x-azure-clientip", "x-azure-socketip", "x-azure-ref", "x-azure-fdid", "x-fd-healthprobe", "true-client-ip", "cf-connecting-ip",
	"cf-ray", "cf-ipcountry", "cdn-loop", "x-appgw-trace-id", "x-original-host", "x-original-for", "x-arr-log-id", "x-arr-ssl", "x-site-deployment-id",
	"was-default-hostname", "disguised-host", "x-waws-unencoded-url", "x-client-ip", "x-cluster-client-ip", "x-forwarded-for", "x-forwarded-host",
	"x-real-ip", "x-ms-client-principal", "fastly-client-ip", "x-envoy-external-address", "x-amzn-trace-id", "x-cloud-trace-context",
	"openai-organization", "openai-project", "openai-event-code", "anthropic-version", "x-request-id", "baggage", "if-none-match", "priority", "dnt",
	"x-tallygate-max-wait", "x-anything",
}

func TestStrangersStay(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range strangers {
			if r.Header[http.CanonicalHeaderKey(name)] != nil && name != "x-anything" && name != "x-request-id" {
				w.Header().Add("X-Ms-Seen", name)
			}
		}
		if r.Header["X-Anything"] != nil {
			w.Header().Set("X-Ms-Anything", "1")
		}
	}))
	t.Cleanup(s.Close)
	base, _ := url.Parse(s.URL)
	in := make(http.Header)
	for _, name := range strangers {
		in.Set(name, "x")
	}
	for _, also := range [][]string{nil, {"x-any*", "X-Request-Id"}, {"*"}} {
		u := upstream.New([]*upstream.Resource{{Name: "sweden", Base: base, Credential: upstream.Key("k")}}, s.Client().Transport, also...)
		res, err := u.Send(t.Context(), deployment, &upstream.Call{Method: "GET", Path: "/openai/files", Header: in})
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		for _, name := range res.Header["X-Ms-Seen"] {
			if len(also) != 1 || tallygate.Withheld(name) {
				t.Errorf("with %v %s went up", also, name)
			}
		}
		if (res.Header["X-Ms-Anything"] != nil) != (also != nil) {
			t.Errorf("with %v x-anything went up: %v", also, also == nil)
		}
	}
}

// What clients read of the service comes down; what acts on the origin does not, and
// the gateway's own wins.
func TestCopyHeader(t *testing.T) {
	out := http.Header{"X-Request-Id": {"ours"}}
	answer := http.Header{
		"X-Request-Id": {"theirs"}, "Content-Type": {"text/event-stream; charset=utf-8"}, "Warning": {"a", "b"}, "X-Ms-Region": {"Sweden Central"},
		"Apim-Request-Id": {"id"}, "Azureml-Model-Session": {"s"}, "Retry-After-Ms": {"5"}, "Openai-Processing-Ms": {"7"}, "Azure-Openai-Deployment-Utilization": {"46.2%"},
		"Connection": {"close, X-Ms-Hop"}, "X-Ms-Hop": {"1"}, "Transfer-Encoding": {"chunked"},
		"X-Ms-Bad": {"a\x00b"}, "X-Ms-Escape": {"\x1b[31m"}, "X-Ms-Line": {"a\nb"}, "X-Ratelimit-Remaining-Tokens": {"5"},
	}
	for _, name := range []string{
		"set-cookie", "clear-site-data", "refresh", "alt-svc", "service-worker-allowed", "strict-transport-security", "access-control-allow-origin",
		"access-control-allow-credentials", "nel", "report-to", "reporting-endpoints", "public-key-pins", "www-authenticate", "location", "operation-location",
		"content-location", "link", "content-security-policy", "content-security-policy-report-only", "cross-origin-opener-policy", "permissions-policy", "referrer-policy", "origin-agent-cluster",
		"speculation-rules", "sourcemap", "x-frame-options", "x-content-type-options", "server", "x-powered-by", "via", "accept-ch", "critical-ch", "x-anything",
	} {
		answer.Set(name, "x")
	}
	upstream.CopyHeader(out, answer)
	want := http.Header{
		"X-Request-Id": {"ours"}, "Content-Type": {"text/event-stream; charset=utf-8"}, "Warning": {"a", "b"}, "X-Ms-Region": {"Sweden Central"},
		"Apim-Request-Id": {"id"}, "Azureml-Model-Session": {"s"}, "Retry-After-Ms": {"5"}, "Openai-Processing-Ms": {"7"}, "Azure-Openai-Deployment-Utilization": {"46.2%"},
	}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("header to the client (-want +got):\n%s", diff)
	}
	upstream.TakeBack(out, answer)
	if diff := cmp.Diff(http.Header{"X-Request-Id": {"ours"}}, out); diff != "" {
		t.Errorf("after all is taken back (-want +got):\n%s", diff)
	}
}

// Types that can act in a browser are sandboxed, and those nobody knows.
func TestSandbox(t *testing.T) {
	for kind, acts := range map[string]bool{
		"application/json": false, "application/json; charset=utf-8": false, "text/plain": false, "audio/mpeg": false, "image/png": false, "video/mp4": false,
		"application/octet-stream": false, "TEXT/PLAIN": false,
		"text/html": true, "text/html; charset=utf-8": true, "Text/HTML": true, "application/xhtml+xml": true, "image/svg+xml": true, "IMAGE/SVG+XML;x": true,
		"text/xml": true, "application/xml": true, "multipart/x-mixed-replace": true, "application/pdf": true, "text/javascript": true, "": true, "nonsense": true,
	} {
		out := make(http.Header)
		upstream.CopyHeader(out, http.Header{"Content-Type": {kind}})
		if got := out.Get("Content-Security-Policy") == "sandbox; default-src 'none'"; got != acts {
			t.Errorf("%q is sandboxed: %v", kind, got)
		}
	}
	out := make(http.Header)
	upstream.CopyHeader(out, http.Header{"Content-Type": {"application/json", "text/html"}})
	if out.Get("Content-Security-Policy") == "" {
		t.Error("two types are not sandboxed")
	}
}

// readdressed is an address of the resource as the client is told it.
func readdressed(address string) string {
	out := make(http.Header)
	res := &http.Response{
		Header:  http.Header{"Operation-Location": {address}},
		Request: &http.Request{URL: &url.URL{Scheme: "https", Host: "contoso.openai.azure.com", Opaque: "/behind/openai/images/generations:submit"}},
	}
	upstream.Addresses(out, res, func() string { return "https://gateway" }, func(p string) string { return strings.TrimPrefix(p, "/openai") })
	return out.Get("Operation-Location")
}

// Addresses on the resource are told as the gateway's, others not at all.
func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"https://contoso.openai.azure.com/behind/openai/operations/images/1?api-version=2023-06-01-preview": "https://gateway/operations/images/1?api-version=2023-06-01-preview",
		"https://CONTOSO.openai.azure.com/behind/openai/v1/videos/1":                                        "https://gateway/v1/videos/1",
		"/behind/openai/v1/videos/1":                                       "https://gateway/v1/videos/1",
		"https://contoso.openai.azure.com/openai/v1/videos/1":              "", // not behind what is before it
		"https://elsewhere.example/behind/openai/v1/videos/1":              "",
		"https://contoso.openai.azure.com:8443/behind/openai/v1/videos/1":  "",
		"https://u:p@contoso.openai.azure.com/behind/openai/v1/videos/1":   "",
		"//elsewhere.example/behind/openai/x":                              "",
		"https://contoso.openai.azure.com/behind/openai/../admin":          "",
		"https://contoso.openai.azure.com/behind/openai/%2e%2e/admin":      "",
		"https://contoso.openai.azure.com/behind/admin":                    "",
		"javascript:alert(1)":                                              "",
		"data:text/html,x":                                                 "",
		"videos/1":                                                         "",
		"ftp://contoso.openai.azure.com/behind/openai/x":                   "",
		"/behind/openai/x\x01":                                             "",
		"/behind/openai//elsewhere":                                        "",
		"https://contoso.openai.azure.com/behind/openai/v1/x#<script>":     "",
		"https://contoso.openai.azure.com\\@elsewhere.example/openai/v1/x": "",
	} {
		if got := readdressed(address); got != want {
			t.Errorf("%q becomes %q, want %q", address, got, want)
		}
	}
}

// No address leads anywhere but to the gateway.
func FuzzAddresses(f *testing.F) {
	f.Add("https://contoso.openai.azure.com/behind/openai/operations/images/1?a=b")
	f.Add("/behind/openai/%2e%2e//x")
	f.Fuzz(func(t *testing.T, address string) {
		got := readdressed(address)
		if got == "" {
			return
		}
		u, err := url.Parse(got)
		if err != nil || u.Host != "gateway" || u.User != nil || strings.Contains(u.Path, "..") && strings.Contains(u.Path, "/../") || strings.Contains(u.Path, "//") {
			t.Errorf("%q becomes %q", address, got)
		}
	})
}
