package eventedit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/event"
)

// typedCode is a code that people can type. The gateway takes GUIDs too, which codes of
// the event proxy were; those come by an import, and no new one is made.
func typedCode(s string) (any, error) {
	if event.ValidCode(s) && !event.Typeable(s) {
		return nil, errors.New("a GUID is taken from a configuration or an import only; make one of 6 to 20 characters")
	}
	return s, nil // what is no code at all the gateway says with all else that is wrong
}

func words(s string) (any, error) { return s, nil }

func figure(s string) (any, error) { return Number(s), nil }

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

// picture is the https address of one, or with an @ before it the name of a file that
// holds one.
func picture(s string) (any, error) {
	name, ok := strings.CutPrefix(s, "@")
	if !ok {
		return s, nil // what is wrong with an address the gateway says with all else that is
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, config.MaxLogo+1))
	if err != nil {
		return nil, err
	}
	address, fault := config.Logo(data)
	if len(data) > config.MaxLogo {
		fault = fmt.Sprintf("has more than %d bytes, which a picture in an event may have: make it smaller, or give its https address", config.MaxLogo)
	}
	if fault != "" {
		return nil, fmt.Errorf("%s %s", name, fault)
	}
	return address, nil
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

// suggestions are the prompts of an event: lines of TITLE: TEXT, or what the
// configuration has under prompts, in YAML or JSON.
func suggestions(s string) (any, error) {
	text, err := textOrFile(s)
	if err != nil {
		return nil, err
	}
	written := text.(string)
	if first := strings.TrimSpace(written); strings.HasPrefix(first, "[") || strings.HasPrefix(first, "- ") || strings.HasPrefix(first, "-\n") {
		var doc yaml.Node
		if err := yaml.Load([]byte(written), &doc); err != nil || len(doc.Content) == 0 {
			return nil, fmt.Errorf("is neither lines of TITLE: TEXT nor a list in YAML: %v", err)
		}
		return plainValue(doc.Content[0])
	}
	all := []any{}
	lines := bufio.NewScanner(strings.NewReader(written))
	lines.Buffer(nil, len(written)+1)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		title, prompt, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("%q has no colon after its title, as in Haiku: Write a haiku about the sea", console.Printable(line, 60))
		}
		all = append(all, map[string]any{"title": strings.TrimSpace(title), "text": strings.TrimSpace(prompt)})
	}
	return all, lines.Err()
}
