package simulator

import (
	"cmp"
	"net/http"
)

// FaultCodes returns the errors that a Status fault knows by their code alone, with the
// status and the words that the service gives them.
func FaultCodes() []string {
	return []string{"model_error", "external_connector_error", "model_not_found", "no_matching_deployment", "deployment_gone"}
}

// codedError is the error of a Status fault that has a code or a message of its own; nil
// when it has neither.
func (c *call) codedError(f *Fault) *apiError {
	if f.Code == "" && f.Message == "" {
		return nil
	}
	name := ""
	if c.dep != nil {
		name = c.dep.Name
	}
	status, typ, param, code, message := f.Status, "invalid_request_error", f.Param, f.Code, f.Message
	if status >= http.StatusInternalServerError {
		typ = "server_error"
	}
	known := func(s int, t, p, c, m string) {
		status, typ, param, code, message = cmp.Or(f.Status, s), t, cmp.Or(f.Param, p), c, cmp.Or(f.Message, m)
	}
	switch f.Code {
	case "model_error": // the model made something of this request that cannot be sent
		known(http.StatusInternalServerError, "model_error", "", "", "The model produced invalid content. Consider "+
			"modifying your prompt if you are seeing this error persistently. For more information, please see "+
			"https://aka.ms/model-error")
	case "external_connector_error": // an MCP server that the request names does not answer
		known(http.StatusFailedDependency, "external_connector_error", "tools", "http_error", "Error retrieving tool "+
			"list from MCP server: 'mcp'. Http status code: 424 (Failed Dependency)")
	case "model_not_found":
		known(http.StatusNotFound, "invalid_request_error", "", f.Code, "The model `"+name+"` does not exist or you do "+
			"not have access to it.")
	case "no_matching_deployment":
		known(http.StatusBadRequest, "invalid_request_error", "", "", "Could not find an existing deployment to match "+
			"the model '"+name+"'.")
	case "deployment_gone":
		known(http.StatusGone, "invalid_request_error", "", f.Code, "The model '"+name+"' has been retired and its "+
			"deployment is no longer available.")
	}
	if message == "" {
		message = http.StatusText(status)
	}
	return modelError(status, message, typ, param, code)
}
