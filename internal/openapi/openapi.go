// Package openapi describes an HTTP API as OpenAPI 3.1 does: a document is built from the
// operations that are served and from the Go types of what they read and answer, so that
// it cannot tell of others.
package openapi

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Version is the version of OpenAPI that documents follow.
const Version = "3.1.0"

// Operation is something that can be asked for.
type Operation struct {
	Method string
	// Path has its parameters in braces, as net/http's patterns do.
	Path string
	// ID names the operation in programs that are made of the document.
	ID, Summary string
	// Query are the parameters behind the path.
	Query []Parameter
	// IfMatch says that the header If-Match may name the version that is meant.
	IfMatch bool
	// Body is a value of the type that is sent, nil for none, and BodyType its media type
	// where that is not application/json. A string may be any text.
	Body     any
	BodyType string
	// Status is that of an answer when all went well, 200 unless said; Made adds 201, of
	// what was not there before.
	Status int
	Made   bool
	// Answer is a value of the type that is answered, nil for none, and AnswerTypes are
	// its media types where they are not application/json alone.
	Answer      any
	AnswerTypes []string
	// Open says that it takes no key.
	Open bool
}

// Parameter is one behind the question mark of a URL.
type Parameter struct {
	Name, Means string
	// Of is a value of its type.
	Of any
}

// Document is the description of an API.
type Document struct {
	OpenAPI    string                          `json:"openapi"`
	Info       Info                            `json:"info"`
	Paths      map[string]map[string]*Endpoint `json:"paths"`
	Components Components                      `json:"components"`
	Security   []map[string][]string           `json:"security"`
}

// Info is what the API is called.
type Info struct {
	Title   string `json:"title"`
	Version string `json:"version"`
}

// Endpoint is an operation as a document has it.
type Endpoint struct {
	ID          string                 `json:"operationId"`
	Summary     string                 `json:"summary"`
	Parameters  []parameter            `json:"parameters,omitempty"`
	RequestBody *content               `json:"requestBody,omitempty"`
	Responses   map[string]*content    `json:"responses"`
	Security    *[]map[string][]string `json:"security,omitempty"`
}

type parameter struct {
	Name        string  `json:"name"`
	In          string  `json:"in"`
	Description string  `json:"description,omitempty"`
	Required    bool    `json:"required"`
	Schema      *Schema `json:"schema"`
}

type content struct {
	Description string            `json:"description,omitempty"`
	Required    bool              `json:"required,omitempty"`
	Content     map[string]schema `json:"content,omitempty"`
}

type schema struct {
	Schema *Schema `json:"schema"`
}

// Components are the parts that the rest of a document refers to.
type Components struct {
	Schemas         map[string]*Schema        `json:"schemas"`
	SecuritySchemes map[string]securityScheme `json:"securitySchemes"`
}

type securityScheme struct {
	Type   string `json:"type"`
	Scheme string `json:"scheme,omitempty"`
	In     string `json:"in,omitempty"`
	Name   string `json:"name,omitempty"`
}

// Describe makes the document of operations. What goes wrong is answered as failure is,
// a value of the type of all such answers.
func Describe(info Info, operations []Operation, failure any) *Document {
	d := &Document{
		OpenAPI: Version, Info: info, Paths: make(map[string]map[string]*Endpoint),
		Components: Components{
			Schemas: make(map[string]*Schema),
			SecuritySchemes: map[string]securityScheme{
				"bearer": {Type: "http", Scheme: "bearer"}, "apiKey": {Type: "apiKey", In: "header", Name: "api-key"},
			},
		},
		Security: []map[string][]string{{"bearer": {}}, {"apiKey": {}}},
	}
	for i := range operations {
		o := &operations[i]
		if d.Paths[o.Path] == nil {
			d.Paths[o.Path] = make(map[string]*Endpoint)
		}
		d.Paths[o.Path][strings.ToLower(o.Method)] = d.endpoint(o, failure)
	}
	return d
}

func (d *Document) endpoint(o *Operation, failure any) *Endpoint {
	e := &Endpoint{ID: o.ID, Summary: o.Summary, Responses: make(map[string]*content)}
	for _, name := range pathParameters(o.Path) {
		e.Parameters = append(e.Parameters, parameter{Name: name, In: "path", Required: true, Schema: &Schema{Type: "string"}})
	}
	for _, q := range o.Query {
		e.Parameters = append(e.Parameters, parameter{Name: q.Name, In: "query", Description: q.Means, Schema: d.schemaOf(q.Of)})
	}
	if o.IfMatch {
		e.Parameters = append(e.Parameters, parameter{Name: "If-Match", In: "header", Schema: &Schema{Type: "string"},
			Description: `The version that is meant, such as "12", or * for whichever there is.`})
	}
	if o.Body != nil {
		types := []string{o.BodyType}
		if o.BodyType == "" {
			types = nil
		}
		e.RequestBody = &content{Required: true, Content: d.content(o.Body, types)}
	}
	status := o.Status
	if status == 0 {
		status = http.StatusOK
	}
	e.answer(status, d.content(o.Answer, o.AnswerTypes))
	if o.Made {
		e.answer(http.StatusCreated, d.content(o.Answer, o.AnswerTypes))
	}
	if o.Open {
		e.Security = &[]map[string][]string{}
	}
	e.Responses["default"] = &content{Description: "Not done, and why.", Content: d.content(failure, nil)}
	return e
}

func (e *Endpoint) answer(status int, c map[string]schema) {
	e.Responses[strconv.Itoa(status)] = &content{Description: http.StatusText(status), Content: c}
}

// content is a value in each of its media types; nil for none.
func (d *Document) content(v any, types []string) map[string]schema {
	if v == nil {
		return nil
	}
	if types == nil {
		types = []string{"application/json"}
	}
	out := make(map[string]schema)
	for _, t := range types {
		if out[t] = (schema{d.schemaOf(v)}); !strings.Contains(t, "json") {
			out[t] = schema{&Schema{Type: "string"}}
		}
	}
	return out
}

var inBraces = regexp.MustCompile(`\{([^}]+)\}`)

func pathParameters(path string) (names []string) {
	for _, m := range inBraces.FindAllStringSubmatch(path, -1) {
		names = append(names, m[1])
	}
	return names
}
