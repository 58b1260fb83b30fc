package upstream

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
)

// Fault says what a refusal is about. A verdict about the request is none about the
// deployment, and one about what the gateway itself has chosen or put in is none of the
// caller's business.
type Fault uint8

// What a refusal is about. The zero value is an answer: it is the caller's.
const (
	OfNobody Fault = iota
	// OfDeployment: it does not work (408, 5xx).
	OfDeployment
	// OfFront: who answered is not the service: a page, a redirect, nothing at all.
	OfFront
	// OfRoom: it has no room (429).
	OfRoom
	// OfAccess: it refuses the gateway's key, or its network does (401, 403).
	OfAccess
	// OfName: the resource has no deployment of the name that the gateway chose.
	OfName
	// OfRequest: the model failed on the request, or what the request refers to did.
	// One other deployment is asked, in case that is wrong.
	OfRequest
	// OfEdit: it does not take what the gateway put into the body.
	OfEdit
)

// String returns the fault's name for the log.
func (f Fault) String() string {
	return [...]string{"nobody", "deployment", "front", "room", "access", "name", "request", "edit"}[min(f, OfEdit)]
}

// Sent says what is known of the request that an answer is to.
type Sent struct {
	// Chosen says that the gateway chose the deployment, so that a name which the resource
	// does not know is ours.
	Chosen bool
	// Inference says that a model was to read it and answer: then some answers cannot be
	// the service's.
	Inference bool
	// Edits are the members that the gateway put into the body, such as stream_options.
	Edits []string
}

// judge returns whose fault an answer is, by its status, its header and, where
// those do not tell, its body. It is a table: docs/failover.md shows it.
func judge(status int, h http.Header, body []byte, e words, sent Sent) Fault {
	if sent.Inference && page(get(h, "Content-Type")) && !slices.Contains(pagesOfService, status) {
		return OfFront
	}
	switch {
	case status == http.StatusTooManyRequests:
		return OfRoom
	case (status == http.StatusUnauthorized || status == http.StatusForbidden) && !sent.Inference && e.code == "PermissionDenied":
		return OfNobody // this route is closed to the gateway, and others are not
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return OfAccess
	case status == http.StatusFailedDependency, status >= 500 && e.ofRequest(h):
		return OfRequest
	case status == http.StatusRequestTimeout, status >= 500:
		return OfDeployment
	case status >= 300 && status < 400:
		return OfFront // Azure OpenAI does not redirect
	case sent.Chosen && e.code == "DeploymentNotFound", sent.Chosen && sent.Inference && e.ofName(status):
		return OfName
	case (status == http.StatusBadRequest || status == http.StatusUnprocessableEntity) && mentions(body, sent.Edits):
		return OfEdit
	}
	return OfNobody
}

// pagesOfService are the statuses that come as a page at times although they are about
// the request or the deployment's room, or say by themselves what they are.
var pagesOfService = []int{
	http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong,
	http.StatusTooManyRequests, http.StatusRequestHeaderFieldsTooLarge,
}

// page reports whether a content type is that of a web page.
func page(kind string) bool {
	kind, _, _ = strings.Cut(kind, ";")
	kind = strings.TrimSpace(kind)
	return strings.EqualFold(kind, "text/html") || strings.EqualFold(kind, "application/xhtml+xml")
}

// ofRequest reports whether an error says that the model failed on the request, or
// something that the request has it call; or that the model itself found the request bad.
func (e words) ofRequest(h http.Header) bool {
	if strings.HasPrefix(get(h, "Ms-Azureml-Model-Error-Statuscode"), "4") {
		return true
	}
	for _, said := range [...]string{e.code, e.kind} {
		switch strings.ToLower(said) {
		case "model_error", "external_connector_error", "mcp_error", "tool_error", "tool_user_error", "invalid_prompt":
			return true
		}
	}
	return false
}

// ofName reports whether the resource knows no deployment, or no model, of the name. What
// its message says further back may be the caller's own words, which errors repeat, and a
// param other than the model another name than the gateway's: that of a tool's model, say.
func (e words) ofName(status int) bool {
	if e.param != "" && e.param != "model" {
		return false
	}
	switch status {
	case http.StatusGone:
		return true
	case http.StatusNotFound, http.StatusBadRequest:
		switch strings.ToLower(e.code) {
		case "deploymentnotfound", "deployment_not_found", "model_not_found", "modelnotfound", "unknown_model", "modeldeprecated", "model_deprecated":
			return true
		}
		const begin = "could not find an existing deployment"
		return len(e.message) >= len(begin) && strings.EqualFold(e.message[:len(begin)], begin)
	}
	return false
}

// mentions reports whether the body of an error speaks of any of the members.
func mentions(body []byte, members []string) bool {
	return slices.ContainsFunc(members, func(m string) bool { return bytes.Contains(body, []byte(m)) })
}

// tells reports whether a status alone does not say what the answer is about.
func tells(status int, sent Sent) bool {
	switch status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity:
		return sent.Chosen || sent.Inference || len(sent.Edits) > 0
	}
	return false
}

// nothing reports whether an answer that should have a body has none.
func nothing(res *http.Response, sent Sent) bool {
	return sent.Inference && res.StatusCode < 300 && res.ContentLength == 0
}

func get(h http.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}
