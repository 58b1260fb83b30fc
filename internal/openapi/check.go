package openapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Check looks at a document as those do that make programs of it, and returns what is
// wrong: what is required is there, references lead to something, no name comes twice,
// and each parameter of a path is told of. It is no full validator.
func Check(text []byte) (problems []string) {
	c := &checker{ids: make(map[string]string)}
	if err := json.Unmarshal(text, &c.doc); err != nil {
		return []string{err.Error()}
	}
	if c.doc.OpenAPI != Version {
		c.wrong("openapi is %q, not %s", c.doc.OpenAPI, Version)
	}
	if c.doc.Info.Title == "" || c.doc.Info.Version == "" {
		c.wrong("info has no title or no version")
	}
	for _, path := range slices.Sorted(maps.Keys(c.doc.Paths)) {
		if !strings.HasPrefix(path, "/") {
			c.wrong("the path %q does not begin with a slash", path)
		}
		for method, e := range c.doc.Paths[path] {
			c.endpoint(path, method, e)
		}
	}
	c.security("the document", c.doc.Security)
	for name, s := range c.doc.Components.Schemas {
		if !componentName.MatchString(name) {
			c.wrong("%q is no name of a component", name)
		}
		c.schema(name, s)
	}
	slices.Sort(c.problems)
	return c.problems
}

var componentName = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)

type checker struct {
	doc      Document
	ids      map[string]string
	problems []string
}

func (c *checker) wrong(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

func (c *checker) endpoint(path, method string, e *Endpoint) {
	at := strings.ToUpper(method) + " " + path
	if !slices.Contains([]string{"get", "put", "post", "delete", "patch", "head", "options", "trace"}, method) {
		c.wrong("%s: %q is no method", at, method)
	}
	if e.ID == "" || e.Summary == "" {
		c.wrong("%s has no operationId or no summary", at)
	}
	if other, twice := c.ids[e.ID]; twice {
		c.wrong("%s and %s are both called %s", at, other, e.ID)
	}
	c.ids[e.ID] = at
	c.parameters(at, path, e.Parameters)
	if e.RequestBody != nil {
		if len(e.RequestBody.Content) == 0 {
			c.wrong("%s takes a body without any type", at)
		}
		c.content(at, e.RequestBody)
	}
	if len(e.Responses) == 0 {
		c.wrong("%s has no answers", at)
	}
	for status, r := range e.Responses {
		if status != "default" && !statusCode.MatchString(status) {
			c.wrong("%s: %q is no status", at, status)
		}
		if r.Description == "" {
			c.wrong("%s: the answer %s is not described", at, status)
		}
		if status == fmt.Sprint(http.StatusNoContent) && r.Content != nil {
			c.wrong("%s: an answer %s has no content", at, status)
		}
		c.content(at, r)
	}
	if e.Security != nil {
		c.security(at, *e.Security)
	}
}

var statusCode = regexp.MustCompile(`^[1-5][0-9][0-9]$`)

func (c *checker) parameters(at, path string, all []parameter) {
	told := make(map[string]bool)
	for _, p := range all {
		key := p.In + " " + p.Name
		if told[key] {
			c.wrong("%s has the parameter %s twice", at, key)
		}
		told[key] = true
		if p.Name == "" || !slices.Contains([]string{"path", "query", "header", "cookie"}, p.In) || p.Schema == nil {
			c.wrong("%s: the parameter %q in %q has no name, place or schema", at, p.Name, p.In)
			continue
		}
		if p.In == "path" && (!p.Required || !strings.Contains(path, "{"+p.Name+"}")) {
			c.wrong("%s: the parameter %s is not required, or not in the path", at, p.Name)
		}
		c.schema(at, p.Schema)
	}
	for _, name := range pathParameters(path) {
		if !told["path "+name] {
			c.wrong("%s does not tell of its parameter %s", at, name)
		}
	}
}

func (c *checker) content(at string, of *content) {
	for mime, s := range of.Content {
		if !strings.Contains(mime, "/") || s.Schema == nil {
			c.wrong("%s: %q is no media type, or has no schema", at, mime)
			continue
		}
		c.schema(at, s.Schema)
	}
}

func (c *checker) security(at string, all []map[string][]string) {
	for _, one := range all {
		for name := range one {
			if _, ok := c.doc.Components.SecuritySchemes[name]; !ok {
				c.wrong("%s asks for %s, which is no security scheme", at, name)
			}
		}
	}
}

func (c *checker) schema(at string, s *Schema) {
	if s == nil {
		return
	}
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); s.Ref != "" && (!ok || c.doc.Components.Schemas[name] == nil) {
		c.wrong("%s refers to %s, which is not there", at, s.Ref)
	}
	for _, t := range typeNames(s.Type) {
		if !slices.Contains([]string{"object", "array", "string", "number", "integer", "boolean", "null"}, t) {
			c.wrong("%s: %q is no type", at, t)
		}
	}
	if slices.Contains(typeNames(s.Type), "array") && s.Items == nil {
		c.wrong("%s has an array of nobody knows what", at)
	}
	for _, name := range s.Required {
		if s.Properties[name] == nil {
			c.wrong("%s requires %s, which it does not describe", at, name)
		}
	}
	for _, p := range s.Properties {
		c.schema(at, p)
	}
	c.schema(at, s.Items)
	c.schema(at, s.Values)
	for _, one := range s.AnyOf {
		c.schema(at, one)
	}
}

// typeNames are the names of a schema's type, which may be several; none is any.
func typeNames(t any) (names []string) {
	switch t := t.(type) {
	case string:
		return []string{t}
	case []any:
		for _, one := range t {
			names = append(names, fmt.Sprint(one))
		}
	case nil:
	default:
		return []string{fmt.Sprint(t)}
	}
	return names
}
