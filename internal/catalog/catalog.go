// Package catalog is what is known about models, as data: which encoding counts
// their text, how much context they take, how they charge for pictures. The data
// is catalog.json, embedded; a model that Azure adds tomorrow is a line there and
// no code. Names are matched exactly, then by the dated and fine-tuned spellings
// that the data declares, so that gpt-4o-2024-08-06 is gpt-4o but a name nobody
// declared is never taken for a model it merely resembles.
package catalog

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path"
	"strings"
)

//go:embed catalog.json
var embedded []byte

// Model is one underlying model. Figures that are not known are 0.
type Model struct {
	// Name is the model's name as Azure spells it, such as "gpt-35-turbo".
	Name string `json:"name"`
	// Aliases are further names. They may hold the wildcards of path.Match.
	Aliases []string `json:"aliases,omitempty"`
	// Kind is what the model does: "chat" when the data does not say, "completion",
	// "embedding", "image", "speech", "transcription", "realtime" or "video".
	Kind string `json:"kind,omitempty"`
	// Tokenless says that it is paid by the second of sound, the character or the picture
	// alone.
	Tokenless bool `json:"tokenless,omitempty"`
	// Encoding names the tokenizer's encoding, such as "o200k_base".
	Encoding string `json:"encoding"`
	// Context is the tokens of prompt and completion together, MaxOutput those
	// of the completion alone.
	Context   int64 `json:"context,omitempty"`
	MaxOutput int64 `json:"max_output,omitempty"`
	// Reasoning says that the model spends completion tokens it does not show.
	Reasoning bool `json:"reasoning,omitempty"`
	// Audio says that a chat hears and speaks.
	Audio bool `json:"audio,omitempty"`
	// Image is how pictures in the prompt are counted; nil when the model takes
	// none, or nobody knows.
	Image *Image `json:"image,omitempty"`
	// Square is what pictures of 1024 by 1024 pixels take that it makes, by their quality.
	Square *Square `json:"square,omitempty"`
	// Overhead is what the chat format adds to the text; the default's when the
	// data gives none.
	Overhead *Overhead `json:"overhead,omitempty"`
}

// Image is how the pictures of a prompt become tokens: by tiles of 512 pixels
// when Tile is set, by patches of 32 pixels when Multiplier is.
type Image struct {
	// Base is the tokens of any picture, and all of one in low detail. Tile is
	// those of each tile.
	Base int64 `json:"base,omitempty"`
	Tile int64 `json:"tile,omitempty"`
	// Patches bounds the patches of one picture (larger ones are shrunk), and
	// Multiplier is the tokens of each patch.
	Patches    int64   `json:"patches,omitempty"`
	Multiplier float64 `json:"multiplier,omitempty"`
}

// Most returns the most tokens one picture can have. A picture in tiles is at most
// 768 pixels on its shorter and 2048 on its longer side, which is eight of them.
func (i *Image) Most() int64 {
	return i.Base + 8*i.Tile + int64(math.Ceil(float64(i.Patches)*i.Multiplier))
}

// Square is the tokens of a picture that is made, by its quality.
type Square struct {
	Low    int64 `json:"low"`
	Medium int64 `json:"medium"`
	High   int64 `json:"high"`
}

// Overhead is what the chat format adds to the text of a prompt, in tokens.
type Overhead struct {
	Message int64 `json:"message"` // each message
	Name    int64 `json:"name"`    // each message with a name; may be negative
	Reply   int64 `json:"reply"`   // once, to begin the answer
	// Tools: each function, its property list, each property, the enumeration of
	// a property (may be negative) and each of its items, and once after all.
	Function   int64 `json:"function"`
	Properties int64 `json:"properties"`
	Property   int64 `json:"property"`
	Enum       int64 `json:"enum"`
	EnumItem   int64 `json:"enum_item"`
	Functions  int64 `json:"functions"`
}

// Catalog is a set of models. It never changes after it was made; safe for
// concurrent use.
type Catalog struct {
	fallback Model
	suffixes []string
	guesses  []guess
	byName   map[string]int // names and plain aliases, in lower case
	patterns []pattern      // longest first
	models   []Model
}

// pattern is a name that stands for more than itself: with one of the declared
// suffixes, or by its own wildcards.
type pattern struct {
	stem  string // what comes before the suffix; or the whole when wild
	wild  bool
	model int
}

// Default returns the catalogue that comes with the gateway.
func Default() (*Catalog, error) { return Parse(embedded) }

// Parse reads a catalogue. Unknown fields, models without a name or an encoding
// and names given twice are errors.
func Parse(data []byte) (*Catalog, error) {
	var file struct {
		About    []string `json:"about"`
		Default  Model    `json:"default"`
		Suffixes []string `json:"suffixes"`
		Guesses  []guess  `json:"guesses"`
		Models   []Model  `json:"models"`
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("read catalogue: %w", err)
	}
	if file.Default.Encoding == "" || file.Default.Overhead == nil || file.Default.Image == nil {
		return nil, errors.New("read catalogue: the default needs an encoding, an overhead and an image formula")
	}
	c := &Catalog{fallback: file.Default, suffixes: file.Suffixes, guesses: file.Guesses, models: file.Models, byName: make(map[string]int)}
	for i := range c.models {
		if err := c.add(i); err != nil {
			return nil, fmt.Errorf("read catalogue: model %d (%q): %w", i, c.models[i].Name, err)
		}
	}
	for _, s := range c.suffixes {
		if _, err := path.Match(s, ""); err != nil {
			return nil, fmt.Errorf("read catalogue: suffix %q: %w", s, err)
		}
	}
	return c, c.checkGuesses()
}

// add makes model i known under its name and its aliases.
func (c *Catalog) add(i int) error {
	m := &c.models[i]
	if m.Name == "" || m.Encoding == "" {
		return errors.New("needs a name and an encoding")
	}
	if m.Overhead == nil {
		m.Overhead = c.fallback.Overhead
	}
	if m.Kind == "" {
		m.Kind = "chat"
	}
	if !IsKind(m.Kind) {
		return fmt.Errorf("there is no kind %q", m.Kind)
	}
	for _, name := range append([]string{m.Name}, m.Aliases...) {
		name = strings.ToLower(name)
		if _, err := path.Match(name, ""); err != nil {
			return fmt.Errorf("alias %q: %w", name, err)
		}
		if _, taken := c.byName[name]; taken {
			return fmt.Errorf("the name %q is given twice", name)
		}
		c.byName[name] = i
		c.insert(pattern{stem: name, wild: strings.ContainsAny(name, "*?["), model: i})
	}
	return nil
}

// insert keeps the patterns in order of length, longest first.
func (c *Catalog) insert(p pattern) {
	at := 0
	for at < len(c.patterns) && len(c.patterns[at].stem) >= len(p.stem) {
		at++
	}
	c.patterns = append(c.patterns, pattern{})
	copy(c.patterns[at+1:], c.patterns[at:])
	c.patterns[at] = p
}

// Lookup returns the model of that name: an exact name or alias first, then the
// longest one that the name continues with a declared suffix, such as a date.
// Case does not matter. When there is none it returns the catalogue's default,
// which is good enough to count by, of the kind that the name lets one guess, and
// false.
func (c *Catalog) Lookup(name string) (Model, bool) {
	name = strings.ToLower(name)
	if i, ok := c.byName[name]; ok {
		return c.models[i], true
	}
	for _, p := range c.patterns {
		if p.matches(name, c.suffixes) {
			return c.models[p.model], true
		}
	}
	m := c.fallback
	m.Name, m.Kind = name, c.guess(name)
	return m, false
}

// matches reports whether the pattern stands for name. Patterns and suffixes were
// checked when they were read.
func (p pattern) matches(name string, suffixes []string) bool {
	if p.wild {
		ok, _ := path.Match(p.stem, name)
		return ok
	}
	rest, ok := strings.CutPrefix(name, p.stem)
	if !ok {
		return false
	}
	for _, s := range suffixes {
		if ok, _ := path.Match(s, rest); ok {
			return true
		}
	}
	return false
}

// Models returns all models in the order of the data.
func (c *Catalog) Models() []Model { return append([]Model(nil), c.models...) }
