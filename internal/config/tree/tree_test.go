package tree

import (
	"bytes"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"
)

// shop is what the sections of these tests describe.
type shop struct {
	Name  string
	Key   Secret
	Wait  time.Duration
	Open  bool
	Sizes []string
	Stock map[string]int64
}

func (s *shop) fields() Fields {
	return Fields{
		{Key: "name", Codec: Name(&s.Name), Required: true, Doc: "What it is called."},
		{Key: "key", Codec: Key(&s.Key), Doc: "Its key."},
		{Key: "wait", Codec: Duration(&s.Wait, time.Second), Doc: "How long it waits."},
		{Key: "open", Codec: Flag(&s.Open), Doc: "Whether it is open."},
		{Key: "sizes", Codec: List(&s.Sizes, "", func(p *string) Codec { return Choice(p, "small", "large") }), Doc: "What it has."},
		{Key: "stock", Codec: Table(&s.Stock, NameFault, func(p *int64) Codec { return Tokens(p) }), Doc: "How much of it."},
	}
}

func world() Env {
	return Env{
		Lookup:   func(name string) (string, bool) { return "value-of-" + name, name == "KEY" },
		ReadFile: func(string) ([]byte, error) { return nil, fs.ErrNotExist },
	}
}

// read reads a shop from YAML.
func read(text string) (*shop, error) {
	d, s := NewDecoder("shop.yaml", "/etc", world()), new(shop)
	d.Nearest = func(string, []string) string { return "name" }
	d.Later = []string{"robots"}
	if root := d.Document([]byte(text), "a shop has a name"); root != nil {
		d.Section(Value{Node: root}, s.fields())
	}
	return s, d.Done()
}

// A file becomes what its codecs were made for, and prints as a file that does so again.
func TestRoundTrip(t *testing.T) {
	s, err := read("name: corner\nkey: ${env:KEY}\nwait: 90s\nopen: true\nsizes: [small, large]\nstock: {apples: 2k}\n")
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "corner" || s.Key.Reveal() != "value-of-KEY" || s.Wait != 90*time.Second || !s.Open || len(s.Sizes) != 2 || s.Stock["apples"] != 2000 {
		t.Errorf("%+v, %s", s, s.Key.Reveal())
	}
	p := &Printer{Secret: func(Secret) *yaml.Node { return TextNode(Redacted) }}
	var out bytes.Buffer
	d, err := yaml.NewDumper(&out)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.Dump(p.Section(s.fields())), d.Close()); err != nil {
		t.Fatal(err)
	}
	want := "name: corner\nkey: '[redacted]'\nwait: 1m30s\nopen: true\nsizes: [small, large]\nstock: {apples: 2k}\n"
	if out.String() != want {
		t.Errorf("%s\nwant %s", &out, want)
	}
}

// Everything that is wrong is told at once, with its place and its path, and what a
// reference stands for is not.
func TestProblems(t *testing.T) {
	_, err := read("nme: x\nrobots: 1\nkey: ${env:OTHER}\nwait: 1ms\nopen: ${env:KEY}\nsizes: [huge]\nstock: {apples: -1}\n")
	want := `shop.yaml:1:1: nme: unknown key (did you mean "name"?)
shop.yaml:2:1: robots: unknown key (not available in this version)
shop.yaml:3:6: key: the environment variable OTHER is not set
shop.yaml:4:7: wait: must be at least 1s
shop.yaml:5:7: open: must be true or false
shop.yaml:6:9: sizes[0]: "huge" is not one of: small, large (did you mean "name"?)
shop.yaml:7:17: stock.apples: must not be negative`
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	for text, want := range map[string]string{
		"":                 "shop.yaml: is empty (a shop has a name)",
		"key: *x":          "names an anchor",
		"a: 1\n---\nb: 2":  "a second YAML document",
		"\xff\xfea":        "is UTF-16",
		"wait: 5s":         "has no name",
		"name: a\nname: b": "name: is there twice, first on line 1",
	} {
		if _, err := read(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// An object of JSON is read by the same codecs; its problems have paths in it and no
// lines, and references are refused but in prose.
func TestObject(t *testing.T) {
	object := func(text string) (*shop, error) {
		d, s := NewDecoder("", "", world()), new(shop)
		if node := d.Object([]byte(text), func(path string) bool { return path == "name" }); node != nil {
			d.Section(Value{Node: node}, s.fields())
		}
		return s, d.Done()
	}
	s, err := object(`{"name":"a ${x}","sizes":["small"],"stock":{"pears":3}}`)
	if err == nil || !strings.Contains(err.Error(), "name: must not hold ${") {
		t.Errorf("%+v, %v", s, err)
	}
	s, err = object("{\"name\":\"corner \\ud83d\\ude00\",\t\"sizes\":[\"small\"],\"stock\":{\"pears\":3},\"open\":true}")
	if err != nil || s.Name != "corner 😀" || s.Stock["pears"] != 3 || !s.Open {
		t.Errorf("%+v, %v", s, err)
	}
	for text, want := range map[string]string{
		`{"name":"a","sizes":["small","${env:KEY}"]}`: "sizes[1]: has a reference, which only the configuration file may",
		`{"name":"a","name":"b"}`:                     "name: is there twice",
		`{"name":"a","stock":{"p q":-2}}`:             `stock["p q"]: must not be negative`,
		`[1]`:                                         "must be a section of keys and values, not a list",
		`{"name":`:                                    "is not JSON",
	} {
		_, err := object(text)
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// The schema has what each codec takes.
func TestSchema(t *testing.T) {
	s := SectionSchema((&shop{Wait: time.Minute}).fields())
	properties := s["properties"].(Schema)
	if properties["wait"].(Schema)["default"] != "1m" || len(properties) != 6 || s["required"].([]string)[0] != "name" {
		t.Errorf("%v", s)
	}
}
