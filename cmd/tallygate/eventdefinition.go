package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/event"
)

// definition is an event as an entry of events in the configuration has it: what is
// stored of it.
type definition map[string]any

// readDefinition reads JSON. Numbers stay as they are written.
func readDefinition(data []byte) (definition, error) {
	d := make(definition)
	r := json.NewDecoder(bytes.NewReader(data))
	r.UseNumber()
	if err := r.Decode(&d); err != nil {
		return nil, fmt.Errorf("the event's definition cannot be read: %w", err)
	}
	return d, nil
}

// fileDefinition reads the JSON or YAML of one event.
func fileDefinition(stdin io.Reader, name string) (definition, error) {
	data, err := readImport(stdin, name)
	if err != nil {
		return nil, console.Usagef("--from: %w", err)
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	var doc yaml.Node
	if err == nil {
		err = loader.Load(&doc)
	}
	if err != nil {
		return nil, console.Usagef("--from: %s is neither YAML nor JSON: %w", name, err)
	}
	if err := loader.Load(new(yaml.Node)); len(doc.Content) == 0 || !errors.Is(err, io.EOF) {
		return nil, console.Usagef("--from: %s does not hold one event, and nothing else", name)
	}
	value, err := plainValue(doc.Content[0])
	if err != nil {
		return nil, console.Usagef("--from: %s:%w", name, err)
	}
	if all, ok := value.([]any); ok && len(all) == 1 {
		value = all[0] // as it stands in the list of a configuration
	}
	d, ok := value.(map[string]any)
	if !ok {
		return nil, console.Usagef("--from: %s is not one event: it has no keys such as name and start", name)
	}
	return d, nil
}

// plainValue is a YAML value in JSON's terms. Scalars keep their spelling, because the
// gateway reads 200k and 2026-12-01 by itself.
func plainValue(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.MappingNode:
		m := make(map[string]any)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if _, ok := m[key.Value]; ok || key.Kind != yaml.ScalarNode {
				return nil, fmt.Errorf("%d: %q is there twice, or is no key", key.Line, console.Printable(key.Value, 64))
			}
			v, err := plainValue(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			m[key.Value] = v
		}
		return m, nil
	case yaml.SequenceNode:
		all := make([]any, len(n.Content))
		for i, item := range n.Content {
			var err error
			if all[i], err = plainValue(item); err != nil {
				return nil, err
			}
		}
		return all, nil
	case yaml.ScalarNode:
		return plainScalar(n), nil
	}
	return nil, fmt.Errorf("%d: an alias; write out what it stands for", n.Line)
}

func plainScalar(n *yaml.Node) any {
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int", "!!float":
		return number(n.Value)
	}
	return n.Value
}

// number is s as a number of JSON, or as text where JSON has no such number (200k).
func number(s string) any {
	if n := json.Number(s); json.Valid([]byte(s)) {
		if _, err := n.Float64(); err == nil {
			return n
		}
	}
	return s
}

// eventFlag is a key of an event that has a flag. An empty value takes the key away.
type eventFlag struct {
	name, usage string
	read        func(string) (any, error)
}

// key is how the definition calls it.
func (f *eventFlag) key() string { return strings.ReplaceAll(f.name, "-", "_") }

// eventFlags are in the order of the help.
var eventFlags = []eventFlag{
	{"code", "`code` that attendees share: 6 to 20 characters", typedCode},
	{"zone", "time `zone` where it takes place", words},
	{"models", "`models` it offers, separated by commas; * stands for any text", several},
	{"chat", "`model` for requests that name none", words},
	{"max-tokens", "most completion `tokens` of an answer; 0 is no cap", figure},
	{"allow", "what requests may `reach` beyond their prompts, of tools, images, files, data_sources", several},
	{"seats", "`number` of people who may sign up; the others wait", figure},
	{"per-address", "`number` of names in an hour, and of seats, that one address may have; 0 is the usual", figure},
	{"domains", "e-mail `domains` of those who may sign up", several},
	{"roster", "`people` who may sign up, by e-mail address or name, or @file with one a line", roster},
	{"markdown", "`text` of the sign-up page in Markdown, or @file", textOrFile},
	{"logo", "`address` of a picture on it", words},
	{"url", "`address` of a page for attendees", words},
	{"url-text", "`text` of the link to it", words},
	{"organizer", "`whom` to ask, as Ann <ann@example.com>", organiser},
	{"prompts", "`suggestions` in the playground, each as TITLE: TEXT in a line of its own, or @file with such lines or with YAML", suggestions},
	{"system-message", "`text` that a new chat in the playground begins with, or @file", textOrFile},
	{"forget-after", "`days` after its end at which names of attendees are anonymised", figure},
}

// typedCode is a code that people can type. The gateway takes GUIDs too, which codes of
// the event proxy were; those come by an import, and no new one is made.
func typedCode(s string) (any, error) {
	if event.ValidCode(s) && !event.Typeable(s) {
		return nil, errors.New("a GUID is taken from a configuration or an import only; make one of 6 to 20 characters")
	}
	return s, nil // what is no code at all the gateway says with all else that is wrong
}

func words(s string) (any, error)  { return s, nil }
func figure(s string) (any, error) { return number(s), nil }

// several is a list.
func several(s string) (any, error) {
	all := []string{}
	for item := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
		if item = strings.TrimSpace(item); item != "" {
			all = append(all, item)
		}
	}
	return all, nil
}

// roster is a list, or a file with one.
func roster(s string) (any, error) {
	text, err := textOrFile(s)
	if err != nil {
		return nil, err
	}
	return several(text.(string))
}

// textOrFile is a text, or with an @ before it the name of a file that holds it.
func textOrFile(s string) (any, error) {
	name, ok := strings.CutPrefix(s, "@")
	if !ok {
		return s, nil
	}
	data, err := os.ReadFile(name)
	return strings.TrimPrefix(string(data), "\ufeff"), err // some editors write a byte order mark
}

// organiser is a name, an address, or both.
func organiser(s string) (any, error) {
	name, email, both := strings.Cut(s, "<")
	out := make(map[string]string)
	switch name = strings.TrimSpace(name); {
	case both && !strings.HasSuffix(email, ">"):
		return nil, fmt.Errorf("%q has no > after the address", s)
	case both:
		out["email"] = strings.TrimSpace(strings.TrimSuffix(email, ">"))
	case strings.Contains(name, "@"):
		name, out["email"] = "", name
	}
	if name != "" {
		out["name"] = name
	}
	return out, nil
}
