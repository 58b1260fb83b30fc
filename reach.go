package tallygate

import (
	"fmt"
	"slices"
	"strings"
)

// Reach is what a request would have the service reach beyond the prompt that it
// brings: a set of the constants below.
type Reach uint8

// What can be reached. Whoever takes part in an event reaches only what its organiser
// allows; see Caller.Allow.
const (
	// ReachTools: tools that the service runs by itself, such as MCP servers, file and
	// web search, the code interpreter, pictures made on the way.
	ReachTools Reach = 1 << iota
	// ReachImages and ReachFiles: pictures and other files that the service is to fetch
	// from an address.
	ReachImages
	ReachFiles
	// ReachData: data sources, which the resource may open with its own identity.
	ReachData
)

// reaches are the names, in the order of the constants.
var reaches = [...]string{"tools", "images", "files", "data_sources"}

// ParseReach returns the set of the named ones, such as "tools" and "images". The error
// names what is not one.
func ParseReach(names []string) (Reach, error) {
	var all Reach
	for _, name := range names {
		i := slices.Index(reaches[:], strings.ToLower(name))
		if i < 0 {
			return 0, fmt.Errorf("%q is none of %s", name, strings.Join(reaches[:], ", "))
		}
		all |= 1 << i
	}
	return all, nil
}

// Names returns the names of what is in the set.
func (r Reach) Names() []string {
	var out []string
	for i, name := range reaches {
		if r&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return out
}

// String returns the names, separated by commas.
func (r Reach) String() string { return strings.Join(r.Names(), ", ") }
