package tree

import (
	"maps"
	"slices"

	"go.yaml.in/yaml/v4"
)

// Codec is how one setting is read from the file, written back, and described.
type Codec struct {
	// Decode reads v into the place the codec was made for, or reports why not.
	Decode func(d *Decoder, v Value)
	// Encode returns what Print shows; nil leaves the setting out.
	Encode func(p *Printer) *yaml.Node
	// Schema describes it to editors.
	Schema func() Schema
}

// Field is one key of a section.
type Field struct {
	Key      string
	Codec    Codec
	Required bool
	Doc      string
}

// Fields is what a section may hold, in the order it is printed.
type Fields []Field

// Section is a section with the keys of fs.
func Section(fs Fields) Codec {
	return Codec{
		Decode: func(d *Decoder, v Value) { d.Section(v, fs) },
		Encode: func(p *Printer) *yaml.Node {
			if n := p.Section(fs); len(n.Content) > 0 {
				return n
			}
			return nil
		},
		Schema: func() Schema { return SectionSchema(fs) },
	}
}

// UnlessEmpty leaves a setting out of what is printed while there is nothing in it.
func UnlessEmpty(c Codec, empty func() bool) Codec {
	encode := c.Encode
	c.Encode = func(p *Printer) *yaml.Node {
		if empty() {
			return nil
		}
		return encode(p)
	}
	return c
}

// List is a list of items, each of which begins as first and is read by item. An
// item that cannot be read stays as far as it was, so that the others keep their
// places.
func List[T any](p *[]T, first T, item func(*T) Codec) Codec {
	return Codec{
		Decode: func(d *Decoder, v Value) {
			for _, it := range d.Items(v) {
				x := first
				item(&x).Decode(d, it)
				*p = append(*p, x)
			}
		},
		Encode: func(pr *Printer) *yaml.Node {
			if len(*p) == 0 {
				return nil
			}
			n := &yaml.Node{Kind: yaml.SequenceNode}
			for i := range *p {
				n.Content = append(n.Content, item(&(*p)[i]).Encode(pr))
			}
			if n.Content[0].Kind == yaml.ScalarNode {
				n.Style = yaml.FlowStyle
			}
			return n
		},
		Schema: func() Schema {
			x := first
			return Schema{"type": []string{"array", "null"}, "items": item(&x).Schema()}
		},
	}
}

// Table is a section whose keys are free, but for what fault finds in them, and
// whose values are read by item. It is printed on one line in the order of its keys.
func Table[T any](p *map[string]T, fault func(string) error, item func(*T) Codec) Codec {
	return Codec{
		Decode: func(d *Decoder, v Value) {
			entries, _ := d.Entries(v)
			for _, e := range entries {
				if err := fault(e.Key.Value); err != nil {
					d.Fail(Value{e.Key, e.Path}, err)
					continue
				}
				var x T
				item(&x).Decode(d, e.Value)
				m := d.marks[e.Path] // what is said of it later is about its key
				m.Line, m.Column = e.Key.Line, e.Key.Column
				d.marks[e.Path] = m
				if *p == nil {
					*p = make(map[string]T)
				}
				(*p)[e.Key.Value] = x
			}
		},
		Encode: func(pr *Printer) *yaml.Node {
			if len(*p) == 0 {
				return nil
			}
			n := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
			for _, key := range slices.Sorted(maps.Keys(*p)) {
				x := (*p)[key]
				n.Content = append(n.Content, KeyNode(key), item(&x).Encode(pr))
			}
			return n
		},
		Schema: func() Schema {
			return Schema{"type": []string{"object", "null"}, "additionalProperties": item(new(T)).Schema()}
		},
	}
}

// Inline writes a section on one line.
func Inline(c Codec) Codec {
	block := c.Encode
	c.Encode = func(p *Printer) *yaml.Node {
		n := block(p)
		if n != nil {
			n.Style = yaml.FlowStyle
		}
		return n
	}
	return c
}
