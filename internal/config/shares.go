package config

import (
	"fmt"

	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// percent is a share in whole percent from least to 100: 80%, or 80.
func percent(least int) func(*int) tree.Codec {
	return func(p *int) tree.Codec {
		return tree.Codec{
			Decode: func(d *tree.Decoder, v tree.Value) {
				s, ok := d.Scalar(v, "a share such as 80%", true)
				if !ok {
					return
				}
				n, err := tree.ParseNumber(strings.TrimSuffix(strings.TrimSuffix(s, "%"), " "), []tree.Unit{{Factor: 1}}, "is not a share such as 80%")
				switch {
				case err != nil:
					d.Fail(v, err)
				case n < int64(least) || n > 100:
					d.Wrong(v, "", "must be from %d%% to 100%%", least)
				default:
					*p = int(n)
				}
			},
			Encode: func(*tree.Printer) *yaml.Node { return tree.PlainNode(strconv.Itoa(*p) + "%") },
			Schema: func() tree.Schema {
				return tree.Schema{"anyOf": []tree.Schema{{"type": "integer", "minimum": least}, {"type": "string", "pattern": `^[0-9]+ ?%?$|\$\{`}}}
			},
		}
	}
}

// checkShares checks that what models reserve is for groups there are, and no more
// than there is.
func (d *reading) checkShares(list []Model, groups *names) {
	for _, m := range list {
		path, sum, seen := tree.Join(tree.Join("models", m.Name), "reserve"), 0, make(map[string]int)
		for _, group := range inOrderOf(d.Decoder, path, m.Reserve) {
			at := tree.Join(path, group)
			d.Unique(seen, at, group)
			if !groups.has(group) {
				d.WrongAt(at, suggest(group, groups.list), "there is no group of this name")
			}
			sum += m.Reserve[group]
		}
		if sum > 100 {
			d.WrongAt(path, "", "reserves %d%% of the room", sum)
		}
	}
}

// inOrderOf returns the keys of m, the section at path, in their order in the file.
func inOrderOf[T any](d *tree.Decoder, path string, m map[string]T) []string {
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		x, y := d.Mark(tree.Join(path, a)), d.Mark(tree.Join(path, b))
		return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
	})
}

// tokenCap is the most completion tokens a request may ask for: a number, or a
// section that also says what happens to one that asks for more. 0 and nothing are
// none.
// leastResponse is the smallest max_output_tokens that the service takes.
const leastResponse = 16

func tokenCap(p *tallygate.Cap) tree.Codec {
	var over string
	tokens := tree.Number(&p.Tokens, 0, maxAmount, tree.ParseCount, tree.Counts[0], tree.Counts[1])
	full := tree.Fields{
		{Key: "cap", Required: true, Codec: tokens, Doc: "Most completion tokens for each choice; 0 is none."},
		{Key: "over", Codec: tree.Choice(&over, "clamp", "reject"), Doc: "What happens to a request that asks for more: it gets the cap and is told so, or a 400."},
	}
	return tree.Codec{
		Decode: func(d *tree.Decoder, v tree.Value) {
			switch {
			case tree.IsNull(v.Node):
				d.Enter(v)
			case v.Node.Kind == yaml.MappingNode:
				d.Section(v, full)
				p.Reject = over == "reject" && p.Tokens > 0
			default:
				tokens.Decode(d, v)
			}
			if p.Tokens > 0 && p.Tokens < leastResponse {
				d.Note(v.Path, fmt.Sprintf("is below %d, the least that the Responses API takes: requests there are refused, chats are not", leastResponse), "")
			}
		},
		Encode: func(pr *tree.Printer) *yaml.Node {
			if p.Tokens == 0 {
				return nil
			}
			over = "clamp"
			if p.Reject {
				over = "reject"
			}
			return tree.Inline(tree.Section(full)).Encode(pr)
		},
		Schema: func() tree.Schema {
			over = "clamp"
			return tree.Schema{"anyOf": []tree.Schema{tokens.Schema(), {"type": "null"}, tree.SectionSchema(full)}}
		},
	}
}
