package config

import (
	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

func (c *Caller) codec() tree.Codec {
	inner := tree.Section(tree.Fields{
		{Key: "name", Required: true, Codec: tree.ID(&c.Name), Doc: "Name of the caller in limits, logs and the ledger, for ever."},
		{Key: "description", Codec: tree.Description(&c.Description), Doc: "What people should know of it; nothing depends on it."},
		{Key: "key", Codec: oneKey(&c.Keys), Doc: "Its API key, best as ${env:…} or ${file:…}; or the SHA-256 digest of a random one, sha256:HEX."},
		{Key: "keys", Codec: manyKeys(&c.Keys), Doc: "Its API keys, when it has several or they have names: KEY or {name, key}. A new one works beside the old."},
		{Key: "group", Codec: tree.ID(&c.Group), Doc: "Team, product or cost centre."},
		{Key: "models", Codec: tree.List(&c.Models, "", tree.Name), Doc: "Models it may use; * stands for any run of characters. All when left out."},
		{Key: "max_tokens", Codec: tokenCap(&c.MaxTokens), Doc: "Most completion tokens its requests may ask for, for each choice; a request that asks for more is clamped. {cap, over: reject} refuses it. 0 is none."},
		{Key: "weight", Codec: tree.Small(&c.Weight), Doc: "Its share of the room when several wait for it; its group's unless said."},
		{Key: "batch", Codec: tree.Flag(&c.Batch), Doc: "It can wait: others go first; as its group unless said."},
		{Key: "tell_deployment", Codec: tree.Flag(&c.TellDeployment), Doc: "Its answers name the deployment that served them (x-tallygate-deployment); as its group unless said."},
		{Key: "limits", Codec: limits(&c.Limits, tallygate.ByCaller, func() string { return c.Name }), Doc: "What it may use."},
		{Key: "max_tokens_per_minute_in_k", Codec: perMinute(c), Doc: "PowerProxy's limit: thousands of tokens a minute of each model, or by model name."},
	})
	decode := inner.Decode
	inner.Decode = func(d *tree.Decoder, v tree.Value) {
		c.Line = v.Node.Line
		decode(d, v)
	}
	return inner
}

// Caller is who may ask.
type Caller struct {
	Name string
	// Description is for people; nothing depends on it.
	Description string
	// Keys are its API keys, at least one; no other caller has one of them.
	Keys []Key
	// Group is spelt as the groups section has it.
	Group string
	// Models are globs over model names; none means all.
	Models []string
	// MaxTokens is its own cap; that of its group holds as well.
	MaxTokens tallygate.Cap
	// Weight is its share of the room when several wait for it: its own, else its
	// group's, else 1.
	Weight int
	// Batch says that it can wait: others go first. It is its own, else its group's.
	Batch bool
	// TellDeployment says that its answers name the deployment that served them. It is
	// its own, else its group's.
	TellDeployment bool
	Limits         []tallygate.Limit
	// Line is where in the file it stands.
	Line int
}

// checkCallers checks what holds between and within the callers.
func (d *reading) checkCallers(list []Caller, s *names) {
	names := make(map[string]int)
	owners := make(map[[32]byte]int)
	for i, c := range list {
		path := tree.Index("callers", i)
		d.Unique(names, tree.Join(path, "name"), c.Name)
		d.checkKeys(list, i, owners)
		for j, glob := range c.Models {
			at := tree.Index(tree.Join(path, "models"), j)
			if glob != "" && !s.matches(glob) {
				d.WrongAt(at, suggest(glob, s.list), "%s matches no model", d.Quote(at, glob))
			}
		}
	}
}
