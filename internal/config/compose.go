package config

import (
	"maps"
	"slices"

	"go.yaml.in/yaml/v4"
)

// codec is how one setting is read from the file, written back, and described.
type codec struct {
	// decode reads v into the place the codec was made for, or reports why not.
	decode func(d *decoder, v value)
	// encode returns what Print shows; nil leaves the setting out.
	encode func(p *printer) *yaml.Node
	// schema describes it to editors.
	schema func() schema
}

// field is one key of a section.
type field struct {
	key      string
	codec    codec
	required bool
	doc      string
}

// fields is what a section may hold, in the order it is printed.
type fields []field

// section is a section with the keys of fs.
func section(fs fields) codec {
	return codec{
		decode: func(d *decoder, v value) { d.section(v, fs) },
		encode: func(p *printer) *yaml.Node {
			if n := p.section(fs); len(n.Content) > 0 {
				return n
			}
			return nil
		},
		schema: func() schema { return sectionSchema(fs) },
	}
}

// unlessEmpty leaves a setting out of what is printed while there is nothing in it.
func unlessEmpty(c codec, empty func() bool) codec {
	encode := c.encode
	c.encode = func(p *printer) *yaml.Node {
		if empty() {
			return nil
		}
		return encode(p)
	}
	return c
}

// list is a list of items, each of which begins as first and is read by item. An
// item that cannot be read stays as far as it was, so that the others keep their
// places.
func list[T any](p *[]T, first T, item func(*T) codec) codec {
	return codec{
		decode: func(d *decoder, v value) {
			for _, it := range d.items(v) {
				x := first
				item(&x).decode(d, it)
				*p = append(*p, x)
			}
		},
		encode: func(pr *printer) *yaml.Node {
			if len(*p) == 0 {
				return nil
			}
			n := &yaml.Node{Kind: yaml.SequenceNode}
			for i := range *p {
				n.Content = append(n.Content, item(&(*p)[i]).encode(pr))
			}
			if n.Content[0].Kind == yaml.ScalarNode {
				n.Style = yaml.FlowStyle
			}
			return n
		},
		schema: func() schema {
			x := first
			return schema{"type": []string{"array", "null"}, "items": item(&x).schema()}
		},
	}
}

// table is a section whose keys are free, but for what fault finds in them, and
// whose values are read by item. It is printed on one line in the order of its keys.
func table[T any](p *map[string]T, fault func(string) error, item func(*T) codec) codec {
	return codec{
		decode: func(d *decoder, v value) {
			entries, _ := d.entries(v)
			for _, e := range entries {
				if err := fault(e.key.Value); err != nil {
					d.fail(value{e.key, e.path}, err)
					continue
				}
				var x T
				item(&x).decode(d, e.value)
				m := d.marks[e.path] // what is said of it later is about its key
				m.line, m.column = e.key.Line, e.key.Column
				d.marks[e.path] = m
				if *p == nil {
					*p = make(map[string]T)
				}
				(*p)[e.key.Value] = x
			}
		},
		encode: func(pr *printer) *yaml.Node {
			if len(*p) == 0 {
				return nil
			}
			n := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
			for _, key := range slices.Sorted(maps.Keys(*p)) {
				x := (*p)[key]
				n.Content = append(n.Content, keyNode(key), item(&x).encode(pr))
			}
			return n
		},
		schema: func() schema {
			return schema{"type": []string{"object", "null"}, "additionalProperties": item(new(T)).schema()}
		},
	}
}

// inline writes a section on one line.
func inline(c codec) codec {
	block := c.encode
	c.encode = func(p *printer) *yaml.Node {
		n := block(p)
		if n != nil {
			n.Style = yaml.FlowStyle
		}
		return n
	}
	return c
}
