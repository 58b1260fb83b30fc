package config

import (
	"fmt"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// ParseLimit reads one limit that stands outside of the file: a JSON object with the
// keys of an entry of limits. It gets the given name, which the object may repeat. It
// is held against the configuration as if it stood in the file: what it speaks of must
// be there, and no limit of the file may have its name. ${…} references are refused,
// since whoever sends a limit is not whoever wrote the file. The error is a *Problems
// whose places are paths in the object.
func (c *Config) ParseLimit(name string, data []byte) (tallygate.Limit, error) {
	d, k := c.beside()
	limit := tallygate.Limit{Quantity: unsaid}
	if err := tree.NameFault(name); err != nil {
		d.Report(tree.Mark{}, "name", err.Error(), "")
	} else if node := d.Object(data, isProse); node != nil {
		oneLimit(&limit, tallygate.Dimensions, nobody).Decode(d.Decoder, tree.Value{Node: node, Path: ""})
		if limit.Name != "" && limit.Name != name {
			d.WrongAt("name", "leave it out", "is not %q, which the limit is called by", name)
		}
		for _, other := range c.AllLimits() {
			if other.Name == name {
				d.WrongAt("name", "", "%q is the name of a limit in the configuration file", name)
			}
		}
		d.checkLimits(c, k)
	}
	if err := d.Done(); err != nil {
		return tallygate.Limit{}, err
	}
	limit.Name = name
	return limit, nil
}

// ParseEvent reads one event that stands outside of the file: a JSON object with the
// keys of an entry of events, under the given id, which the object may repeat. It is
// held against the configuration as ParseLimit holds a limit; no event of the file may
// have its id or its code. Its limits have names that begin with the event's.
func (c *Config) ParseEvent(id string, data []byte) (*Event, []tallygate.Limit, error) {
	d, k := c.beside()
	e := &Event{Active: true}
	if node := d.Object(data, isProse); node != nil {
		e.codecOf(id).Decode(d.Decoder, tree.Value{Node: node, Path: ""})
		seen := newTaken(c.Events)
		d.checkEvent(e, "", k, seen)
		d.checkLimits(c, k)
	}
	if err := d.Done(); err != nil {
		return nil, nil, err
	}
	return e, c.limitsOf(e), nil
}

// beside returns a decoder of what stands beside the file, and the names that it may
// speak of: those of the file, of which nothing is wrong.
func (c *Config) beside() (*reading, *known) {
	file := newReading(c, tree.NewDecoder("", "", Env{}))
	return newReading(c, tree.NewDecoder("", "", Env{})), file.known(c)
}

// limitsOf are the limits of an event that is not in the file, each about it and with
// a name that no other has.
func (c *Config) limitsOf(e *Event) []tallygate.Limit {
	taken := make(map[string]bool)
	for _, l := range c.AllLimits() {
		taken[l.Name] = true
	}
	var out []tallygate.Limit
	for _, l := range e.Limits {
		l.Match[tallygate.ByEvent] = []string{e.ID}
		if l.Name == "" {
			l.Name = subject(&l, tallygate.Dimensions, "") + ": " + c.bound(&l)
		}
		for name, n := l.Name, 2; taken[l.Name]; n++ {
			l.Name = fmt.Sprintf("%s (%d)", name, n)
		}
		taken[l.Name] = true
		out = append(out, l)
	}
	return out
}

// isProse reports whether what stands there is for people: a ${ in it is code that they
// shall read, and no reference.
func isProse(path string) bool {
	return path == "markdown" || path == "system_message" || strings.HasPrefix(path, "prompts[")
}
