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
)

// percent is a share in whole percent from least to 100: 80%, or 80.
func percent(least int) func(*int) codec {
	return func(p *int) codec {
		return codec{
			decode: func(d *decoder, v value) {
				s, ok := d.scalar(v, "a share such as 80%", true)
				if !ok {
					return
				}
				n, err := parseNumber(strings.TrimSuffix(strings.TrimSuffix(s, "%"), " "), []unit{{"", 1}}, "is not a share such as 80%")
				switch {
				case err != nil:
					d.fail(v, err)
				case n < int64(least) || n > 100:
					d.wrong(v, "", "must be from %d%% to 100%%", least)
				default:
					*p = int(n)
				}
			},
			encode: func(*printer) *yaml.Node { return plainNode(strconv.Itoa(*p) + "%") },
			schema: func() schema {
				return schema{"anyOf": []schema{{"type": "integer", "minimum": least}, {"type": "string", "pattern": `^[0-9]+ ?%?$|\$\{`}}}
			},
		}
	}
}

// checkShares checks that what models reserve is for groups there are, and no more
// than there is.
func (d *decoder) checkShares(list []Model, groups *names) {
	for _, m := range list {
		path, sum, seen := join(join("models", m.Name), "reserve"), 0, make(map[string]int)
		for _, group := range inOrderOf(d, path, m.Reserve) {
			at := join(path, group)
			d.unique(seen, at, group)
			if !groups.has(group) {
				d.wrongAt(at, suggest(group, groups.list), "there is no group of this name")
			}
			sum += m.Reserve[group]
		}
		if sum > 100 {
			d.wrongAt(path, "", "reserves %d%% of the room", sum)
		}
	}
}

// inOrderOf returns the keys of m, the section at path, in their order in the file.
func inOrderOf[T any](d *decoder, path string, m map[string]T) []string {
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		x, y := d.marks[join(path, a)], d.marks[join(path, b)]
		return cmp.Or(cmp.Compare(x.line, y.line), cmp.Compare(x.column, y.column))
	})
}

// tokenCap is the most completion tokens a request may ask for: a number, or a
// section that also says what happens to one that asks for more. 0 and nothing are
// none.
// leastResponse is the smallest max_output_tokens that the service takes.
const leastResponse = 16

func tokenCap(p *tallygate.Cap) codec {
	var over string
	tokens := number(&p.Tokens, 0, maxAmount, parseCount, counts[0], counts[1])
	full := fields{
		{key: "cap", required: true, codec: tokens, doc: "Most completion tokens for each choice; 0 is none."},
		{key: "over", codec: choice(&over, "clamp", "reject"), doc: "What happens to a request that asks for more: it gets the cap and is told so, or a 400."},
	}
	return codec{
		decode: func(d *decoder, v value) {
			switch {
			case isNull(v.node):
				d.enter(v)
			case v.node.Kind == yaml.MappingNode:
				d.section(v, full)
				p.Reject = over == "reject" && p.Tokens > 0
			default:
				tokens.decode(d, v)
			}
			if p.Tokens > 0 && p.Tokens < leastResponse {
				d.note(v.path, fmt.Sprintf("is below %d, the least that the Responses API takes: requests there are refused, chats are not", leastResponse), "")
			}
		},
		encode: func(pr *printer) *yaml.Node {
			if p.Tokens == 0 {
				return nil
			}
			over = "clamp"
			if p.Reject {
				over = "reject"
			}
			return inline(section(full)).encode(pr)
		},
		schema: func() schema {
			over = "clamp"
			return schema{"anyOf": []schema{tokens.schema(), {"type": "null"}, sectionSchema(full)}}
		},
	}
}
