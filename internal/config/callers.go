package config

import "github.com/tallygate/tallygate"

func (c *Caller) codec() codec {
	inner := section(fields{
		{key: "name", required: true, codec: id(&c.Name), doc: "Name of the caller in limits, logs and the ledger, for ever."},
		{key: "description", codec: description(&c.Description), doc: "What people should know of it; nothing depends on it."},
		{key: "key", codec: oneKey(&c.Keys), doc: "Its API key, best as ${env:…} or ${file:…}; or the SHA-256 digest of a random one, sha256:HEX."},
		{key: "keys", codec: manyKeys(&c.Keys), doc: "Its API keys, when it has several or they have names: KEY or {name, key}. A new one works beside the old."},
		{key: "group", codec: id(&c.Group), doc: "Team, product or cost centre."},
		{key: "models", codec: list(&c.Models, "", name), doc: "Models it may use; * stands for any run of characters. All when left out."},
		{key: "max_tokens", codec: tokenCap(&c.MaxTokens), doc: "Most completion tokens its requests may ask for, for each choice; a request that asks for more is clamped. {cap, over: reject} refuses it. 0 is none."},
		{key: "weight", codec: small(&c.Weight), doc: "Its share of the room when several wait for it; its group's unless said."},
		{key: "batch", codec: flag(&c.Batch), doc: "It can wait: others go first; as its group unless said."},
		{key: "tell_deployment", codec: flag(&c.TellDeployment), doc: "Its answers name the deployment that served them (x-tallygate-deployment); as its group unless said."},
		{key: "limits", codec: limits(&c.Limits, tallygate.ByCaller, func() string { return c.Name }), doc: "What it may use."},
		{key: "max_tokens_per_minute_in_k", codec: perMinute(c), doc: "PowerProxy's limit: thousands of tokens a minute of each model, or by model name."},
	})
	decode := inner.decode
	inner.decode = func(d *decoder, v value) {
		c.Line = v.node.Line
		decode(d, v)
	}
	return inner
}

// checkCallers checks what holds between and within the callers.
func (d *decoder) checkCallers(list []Caller, s *names) {
	names := make(map[string]int)
	owners := make(map[[32]byte]int)
	for i, c := range list {
		path := index("callers", i)
		d.unique(names, join(path, "name"), c.Name)
		d.checkKeys(list, i, owners)
		for j, glob := range c.Models {
			at := index(join(path, "models"), j)
			if glob != "" && !s.matches(glob) {
				d.wrongAt(at, suggest(glob, s.list), "%s matches no model", d.quote(at, glob))
			}
		}
	}
}
