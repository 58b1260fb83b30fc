package simulator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// apiError is an answer that is an error: the exact body and what goes with it.
type apiError struct {
	status      int // 0: the connection is gone, nothing more is written
	body        []byte
	contentType string // application/json when empty
	// model marks an error of the model itself, as against one of the front.
	model  bool
	header func(http.Header)
}

// gone is returned when there is nobody left to answer.
func gone() *apiError { return &apiError{} }

// marshal is json.Marshal without HTML's escapes, for values that cannot fail.
func marshal(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return []byte(`{"error":{"code":"InternalServerError","message":` + strconv.Quote(err.Error()) + `}}`)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// apimError is an error in the shape of the service's front: code and message.
func apimError(status int, code, message string) *apiError {
	type inner struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	return &apiError{status: status, body: marshal(map[string]inner{"error": {code, message}})}
}

// openAIError is the error object of the models; empty strings are null.
type openAIError struct {
	Message string `json:"message"`
	Type    string `json:"type"`
	Param   any    `json:"param"`
	Code    any    `json:"code"`
}

func newOpenAIError(message, typ, param, code string) openAIError {
	e := openAIError{Message: message, Type: typ}
	if param != "" {
		e.Param = param
	}
	if code != "" {
		e.Code = code
	}
	return e
}

// modelError is an error in the shape of the models: message, type, param, code.
func modelError(status int, message, typ, param, code string) *apiError {
	return &apiError{status: status, model: true,
		body: marshal(map[string]openAIError{"error": newOpenAIError(message, typ, param, code)})}
}

// invalid is the 400 for a parameter.
func invalid(param, code, message string) *apiError {
	return modelError(http.StatusBadRequest, message, "invalid_request_error", param, code)
}

// unknownParameter is the 400 of newer operations for a member that they do not know.
func unknownParameter(name string) *apiError {
	return invalid(name, "unknown_parameter", "Unknown parameter: '"+name+"'.")
}

// gateError is the 400 for what the api-version does not have.
func gateError(message string) *apiError {
	return apimError(http.StatusBadRequest, "BadRequest", message)
}

func resourceNotFound() *apiError { return apimError(http.StatusNotFound, "404", "Resource not found") }

func deploymentNotFound() *apiError {
	return apimError(http.StatusNotFound, "DeploymentNotFound", "The API deployment for this resource does not "+
		"exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.")
}

// notSupported is the 400 for an operation that the model does not have.
func notSupported(operation, model string) *apiError {
	return apimError(http.StatusBadRequest, "OperationNotSupported", "The "+operation+" operation does not work "+
		"with the specified model, "+model+". Please choose different model and try again. You can learn more "+
		"about which models can be used with each operation here: https://go.microsoft.com/fwlink/?linkid=2197993.")
}

// serverErrorMessage is what a model says when it fails.
func serverErrorMessage(requestID string) string {
	return "The server had an error processing your request. Sorry about that! You can retry your request, or " +
		"contact us through an Azure support request at: https://go.microsoft.com/fwlink/?linkid=2213926 if you " +
		"keep seeing this error. (Please include the request ID " + requestID + " in your email.)"
}

// plainError is the canonical error of a status, for faults; 429 has its own.
func plainError(status int, requestID string) *apiError {
	switch status {
	case http.StatusUnauthorized:
		return badKey()
	case http.StatusForbidden:
		return apimError(status, "403", "Access denied due to Virtual Network/Firewall rules.")
	case http.StatusNotFound:
		return deploymentNotFound()
	case http.StatusRequestTimeout:
		return apimError(status, "Timeout", "The operation was timeout.")
	case http.StatusConflict:
		return apimError(status, "conflict", "The request conflicts with another operation on the same resource.")
	case http.StatusRequestHeaderFieldsTooLarge:
		return tooManyHeaders()
	case http.StatusInternalServerError:
		return modelError(status, serverErrorMessage(requestID), "server_error", "", "")
	case http.StatusServiceUnavailable:
		return apimError(status, "ServiceUnavailable",
			"The service is temporarily unable to process your request. Please try again later.")
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return edgeError(status)
	}
	if status < 500 {
		return modelError(status, http.StatusText(status), "invalid_request_error", "", "")
	}
	return apimError(status, "InternalServerError",
		"Backend returned unexpected response. Please contact Microsoft for help.")
}

// edgeError is HTML, as from a machine in front of the service.
func edgeError(status int) *apiError {
	line := strconv.Itoa(status) + " " + http.StatusText(status)
	return &apiError{status: status, contentType: "text/html", body: []byte("<html>\r\n<head><title>" + line +
		"</title></head>\r\n<body>\r\n<center><h1>" + line + "</h1></center>\r\n<hr><center>" +
		"Microsoft-Azure-Application-Gateway/v2</center>\r\n</body>\r\n</html>\r\n")}
}

// tooManyHeaders is the refusal of a machine in front of the service, and a page of HTML.
func tooManyHeaders() *apiError { return edgeError(http.StatusRequestHeaderFieldsTooLarge) }

// typeError is the 400 for a parameter of the wrong type.
func typeError(param, want string, raw json.RawMessage) *apiError {
	article := "a"
	if strings.ContainsRune("aeiou", rune(want[0])) {
		article = "an"
	}
	return invalid(param, "invalid_type", "Invalid type for '"+param+"': expected "+article+" "+want+
		", but got "+kindOf(raw)+" instead.")
}

// kindOf names a JSON value's type with its article.
func kindOf(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "nothing"
	}
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	if bytes.ContainsAny(raw, ".eE") {
		return "a decimal number"
	}
	return "an integer"
}
