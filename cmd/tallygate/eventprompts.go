package main

import (
	"bufio"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate/internal/console"
)

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
