package config

import (
	"net/netip"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

func (c *Config) fields() tree.Fields {
	return tree.Fields{
		{Key: "listen", Codec: tree.Text(&c.Listen), Doc: "Address of the data listener, host:port."},
		{Key: "public_url", Codec: tree.UnlessEmpty(tree.Text(&c.PublicURL), func() bool { return c.PublicURL == "" }), Doc: "Address under which clients reach the data listener, such as https://ai.contoso.com; that of each request unless said."},
		{Key: "portal", Codec: tree.UnlessEmpty(tree.Section(c.Portal.fields()), func() bool { return c.Portal == Portal{} }), Doc: "What the playground's door says to everybody."},
		{Key: "query_keys", Codec: tree.UnlessEmpty(tree.Flag(&c.QueryKeys), func() bool { return !c.QueryKeys }), Doc: "Take the keys of callers in the query too, as api-key=KEY or subscription-key=KEY. They are logged nowhere here and never sent on, but whatever stands in front may log them. Not for attendees of events."},
		{Key: "admin", Codec: tree.Section(c.Admin.fields()), Doc: "The admin listener: portal, API, metrics."},
		{Key: "data", Codec: tree.Text(&c.Data), Doc: "Directory of the ledger and all other state, relative to the working directory."},
		{Key: "tls", Codec: tlsCodec(&c.TLS), Doc: "TLS of the data listener; plain HTTP when left out."},
		{Key: "log", Codec: tree.Section(c.Log.fields()), Doc: "What is logged and how."},
		{Key: "max_body", Codec: tree.Size(&c.MaxBody), Doc: "Largest JSON body, in bytes: 100MB, 64MiB or a plain number. A quarter of body_memory bounds it as well."},
		{Key: "max_upload", Codec: tree.Size(&c.MaxUpload), Doc: "Largest body of any other kind, such as a form with a file, in bytes."},
		{Key: "body_memory", Codec: tree.Size(&c.BodyMemory), Doc: "What the bodies of all requests on their way may take of the memory, in bytes; a group, an event or a caller without either takes a quarter at most."},
		{Key: "spill", Codec: tree.Choice(&c.Spill, "on", "off"), Doc: "Whether uploads that memory does not keep are kept in files in the data directory, so that another deployment can be asked."},
		{Key: "trusted_proxies", Codec: tree.List(&c.TrustedProxies, netip.Prefix{}, network), Doc: "Networks or addresses from which X-Forwarded-For is believed."},
		{Key: "cors", Codec: tree.Section(c.CORS.fields()), Doc: "Which web pages of other origins may call the data listener from a browser."},
		{Key: "passthrough", Codec: tree.Section(c.Passthrough.fields()), Doc: "Requests that no model reads, such as GET /files."},
		{Key: "unbounded", Codec: tree.Choice(&c.Unbounded, "refuse", "allow"), Doc: "What happens to requests that start work whose cost nobody can bound (batches, videos, trainings, evaluation runs, thread runs, realtime sessions), of callers under a limit of tokens or money. allow counts them as nothing."},
		{Key: "upstream_headers", Codec: tree.List(&c.UpstreamHeaders, "", headerGlob), Doc: "Request headers that go to the resources besides those that do anyhow, such as x-my-*. What proves who a caller is, and what chooses a deployment, a method or an address, never does."},
		{Key: "timeouts", Codec: tree.Section(c.Timeouts.fields()), Doc: "How long the gateway waits."},
		{Key: "keep_alive", Codec: tree.Duration(&c.KeepAlive, 0), Doc: "Interval of SSE comments on a stream that waits for its first byte; 0s sends none."},
		{Key: "keep_alive_early", Codec: tree.Flag(&c.KeepAliveEarly), Doc: "Send them before any deployment has answered, too: the answer is then a 200, and a refusal is told in the stream."},
		{Key: "cooldown", Codec: tree.Section(c.Cooldown.fields()), Doc: "How long a deployment rests after it refused."},
		{Key: "ledger", Codec: tree.Section(c.Ledger.fields()), Doc: "How requests are recorded."},
		{Key: "currency", Codec: currency(&c.Currency), Doc: "ISO 4217 code of the one currency that money is counted in."},
		{Key: "zone", Codec: zone(&c.Zone), Doc: "Time zone in which the days, weeks, months and years of limits begin, such as Europe/Stockholm."},
		{Key: "prices", Codec: tree.Section(c.Prices.fields()), Doc: "What tokens cost, beyond the built-in list."},
		{Key: "alerts", Codec: tree.Section(c.Alerts.fields()), Doc: "Where warnings go."},
		{Key: "unsaid", Codec: tree.Choice(&c.Unsaid, "cap", "refuse"), Doc: "What happens to a request that names no max_tokens where a limit is smaller than its prompt and the model's largest answer: it is capped to half of the limit at most, or refused."},
		{Key: "limits", Codec: limits(&c.Limits, tallygate.Dimensions, nobody), Doc: "What the whole organisation may use, or whatever a limit matches."},
		{Key: "resources", Codec: tree.List(&c.Resources, Resource{}, (*Resource).codec), Doc: "The Azure OpenAI resources behind the gateway; needed unless azure_tables names them."},
		{Key: "models", Codec: modelsCodec(&c.Models), Doc: "How the deployments of a model share its requests, by model name."},
		{Key: "groups", Codec: tree.List(&c.Groups, Group{Weight: 1}, (*Group).codec), Doc: "What the callers of a group share."},
		{Key: "callers", Codec: tree.List(&c.Callers, Caller{}, (*Caller).codec), Doc: "Who may ask."},
		{Key: "azure_tables", Codec: tree.UnlessEmpty(tree.Section(c.AzureTables.fields()), func() bool { return c.AzureTables.Connection == "" }), Doc: "The Azure OpenAI Service Proxy's tables of events and deployments, read as they are; the deployments are the model openai-chat."},
		{Key: "sign_in", Codec: tree.List(&c.SignIn, SignIn{}, (*SignIn).codec), Doc: "Where attendees of events may prove who they are, besides by an event's code."},
		{Key: "events", Codec: tree.List(&c.Events, Event{Active: true}, (*Event).codec), Doc: "Workshops and hackathons: a time in which people may use some models."},
	}
}
