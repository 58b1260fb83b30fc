package openapi

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type inner struct {
	Name string `json:"name"`
}

type figure string

func (figure) JSONTypes() []string { return []string{"number", "string"} }

type outer struct {
	inner
	ID     int64             `json:"id"`
	Share  *float64          `json:"share"`
	Until  *time.Time        `json:"until,omitempty"`
	At     time.Time         `json:"at,omitzero"`
	Data   json.RawMessage   `json:"data,omitempty"`
	Amount figure            `json:"amount"`
	Inner  []*inner          `json:"inner"`
	Rates  map[string]string `json:"rates,omitempty"`
	Self   *outer            `json:"self"`
	Secret string            `json:"-"`
}

// Types of Go become the schemas of their JSON.
func TestSchemas(t *testing.T) {
	d := Describe(Info{"A", "1"}, []Operation{{Method: "GET", Path: "/a", ID: "a", Summary: "A.", Answer: outer{}}}, inner{})
	got, err := json.Marshal(d.Components.Schemas["outer"])
	want := `{"type":"object","properties":{"amount":{"type":["number","string"]},"at":{"type":"string","format":"date-time"},"data":{},` +
		`"id":{"type":"integer"},"inner":{"type":"array","items":{"anyOf":[{"$ref":"#/components/schemas/inner"},{"type":"null"}]}},` +
		`"name":{"type":"string"},"rates":{"type":"object","additionalProperties":{"type":"string"}},` +
		`"self":{"anyOf":[{"$ref":"#/components/schemas/outer"},{"type":"null"}]},"share":{"type":["number","null"]},` +
		`"until":{"type":["string","null"],"format":"date-time"}},"required":["name","id","share","amount","inner","self"]}`
	if err != nil || string(got) != want {
		t.Errorf("(%v) %s", err, cmp.Diff(want, string(got)))
	}
}

// A document of operations is right, and what may be wrong with one is found.
func TestCheck(t *testing.T) {
	d := Describe(Info{"A", "1"}, []Operation{
		{Method: "PUT", Path: "/a/{id}", ID: "putA", Summary: "Make it.", IfMatch: true, Body: outer{}, Answer: outer{}, Made: true, Query: []Parameter{{"dry", "Do nothing.", false}}},
		{Method: "DELETE", Path: "/a/{id}", ID: "deleteA", Summary: "Delete it.", Status: 204},
		{Method: "GET", Path: "/text", ID: "text", Summary: "Text.", Answer: "", AnswerTypes: []string{"text/plain"}, Open: true},
	}, inner{})
	good, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if p := Check(good); len(p) > 0 {
		t.Fatalf("a good document: %q", p)
	}
	for _, bad := range []struct{ old, new, want string }{
		{`"3.1.0"`, `"3.0.0"`, `openapi is "3.0.0"`},
		{`"title":"A"`, `"title":""`, "no title"},
		{`"/text"`, `"text"`, "does not begin with a slash"},
		{`"operationId":"putA"`, `"operationId":"deleteA"`, "are both called deleteA"},
		{`"operationId":"text"`, `"operationId":""`, "no operationId"},
		{`"name":"id","in":"path"`, `"name":"other","in":"path"`, "does not tell of its parameter id"},
		{`"in":"query"`, `"in":"nowhere"`, "no name, place or schema"},
		{`#/components/schemas/outer`, `#/components/schemas/nobody`, "which is not there"},
		{`"type":"boolean"`, `"type":"truth"`, `"truth" is no type`},
		{`"required":["name"`, `"required":["nothing","name"`, "requires nothing"},
		{`"204"`, `"2xx"`, "is no status"},
		{`"security":[{"bearer":[]}`, `"security":[{"magic":[]}`, "asks for magic"},
		{`"delete":`, `"destroy":`, "is no method"},
		{`,"items":{"anyOf"`, `,"not":{"anyOf"`, "an array of nobody knows what"},
		{`{`, `[`, "invalid character"},
	} {
		text := strings.ReplaceAll(string(good), bad.old, bad.new)
		if bad.old == "{" {
			text = strings.Replace(string(good), bad.old, bad.new, 1)
		}
		found := Check([]byte(text))
		if !slices.ContainsFunc(found, func(p string) bool { return strings.Contains(p, bad.want) }) {
			t.Errorf("%s for %s: found %q, want %s", bad.new, bad.old, found, bad.want)
		}
	}
}
