package config

import (
	"path/filepath"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// Load reads the configuration file at path. Relative paths in it, those of
// ${file:…} and of tls, count from the file's own directory. The error is a
// *Problems.
func Load(path string, env Env) (*Config, error) {
	env = env.OrOS()
	text, err := env.ReadFile(path)
	if err != nil {
		return nil, &Problems{{File: path, Message: tree.FileFault(err)}}
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		dir = filepath.Dir(path)
	}
	c, err := parse(path, dir, text, env)
	if c != nil {
		c.Files[path] = DigestOf(text, nil)
	}
	return c, err
}

// Parse reads a configuration from text; name is what problems call the file, and
// its directory is where relative paths count from. The error is a *Problems with
// everything that is wrong.
func Parse(name string, text []byte, env Env) (*Config, error) {
	return parse(name, filepath.Dir(name), text, env.OrOS())
}

func parse(name, dir string, text []byte, env Env) (*Config, error) {
	c := Default()
	d := newReading(c, tree.NewDecoder(name, dir, env))
	if root := d.Document(text, "a configuration names at least one resource"); root != nil && !d.foreign(root) {
		if d.Section(tree.Value{Node: root}, c.fields()) {
			d.check(c)
		}
	}
	if err := d.Done(); err != nil {
		return nil, err
	}
	d.inherit(c)
	c.complete()
	c.Notes, c.Files = d.Remarks(), d.Read()
	if c.Files == nil {
		c.Files = make(map[string]Digest)
	}
	return c, nil
}
