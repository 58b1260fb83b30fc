package config

import (
	"net/netip"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/tallygate/tallygate"
)

func (c *Config) fields() fields {
	return fields{
		{key: "listen", codec: text(&c.Listen), doc: "Address of the data listener, host:port."},
		{key: "public_url", codec: unlessEmpty(text(&c.PublicURL), func() bool { return c.PublicURL == "" }), doc: "Address under which clients reach the data listener, such as https://ai.contoso.com; that of each request unless said."},
		{key: "query_keys", codec: unlessEmpty(flag(&c.QueryKeys), func() bool { return !c.QueryKeys }), doc: "Take the keys of callers in the query too, as api-key=KEY or subscription-key=KEY. They are logged nowhere here and never sent on, but whatever stands in front may log them. Not for attendees of events."},
		{key: "admin", codec: section(c.Admin.fields()), doc: "The admin listener: portal, API, metrics."},
		{key: "data", codec: text(&c.Data), doc: "Directory of the ledger and all other state, relative to the working directory."},
		{key: "tls", codec: tlsCodec(&c.TLS), doc: "TLS of the data listener; plain HTTP when left out."},
		{key: "log", codec: section(c.Log.fields()), doc: "What is logged and how."},
		{key: "max_body", codec: size(&c.MaxBody), doc: "Largest JSON body, in bytes: 100MB, 64MiB or a plain number. A quarter of body_memory bounds it as well."},
		{key: "max_upload", codec: size(&c.MaxUpload), doc: "Largest body of any other kind, such as a form with a file, in bytes."},
		{key: "body_memory", codec: size(&c.BodyMemory), doc: "What the bodies of all requests on their way may take of the memory, in bytes; a group, an event or a caller without either takes a quarter at most."},
		{key: "spill", codec: choice(&c.Spill, "on", "off"), doc: "Whether uploads that memory does not keep are kept in files in the data directory, so that another deployment can be asked."},
		{key: "trusted_proxies", codec: list(&c.TrustedProxies, netip.Prefix{}, network), doc: "Networks or addresses from which X-Forwarded-For is believed."},
		{key: "cors", codec: section(c.CORS.fields()), doc: "Which web pages of other origins may call the data listener from a browser."},
		{key: "passthrough", codec: section(c.Passthrough.fields()), doc: "Requests that no model reads, such as GET /files."},
		{key: "unbounded", codec: choice(&c.Unbounded, "refuse", "allow"), doc: "What happens to requests that start work whose cost nobody can bound (batches, videos, trainings, evaluation runs, thread runs, realtime sessions), of callers under a limit of tokens or money. allow counts them as nothing."},
		{key: "upstream_headers", codec: list(&c.UpstreamHeaders, "", headerGlob), doc: "Request headers that go to the resources besides those that do anyhow, such as x-my-*. What proves who a caller is, and what chooses a deployment, a method or an address, never does."},
		{key: "timeouts", codec: section(c.Timeouts.fields()), doc: "How long the gateway waits."},
		{key: "keep_alive", codec: duration(&c.KeepAlive, 0), doc: "Interval of SSE comments on a stream that waits for its first byte; 0s sends none."},
		{key: "keep_alive_early", codec: flag(&c.KeepAliveEarly), doc: "Send them before any deployment has answered, too: the answer is then a 200, and a refusal is told in the stream."},
		{key: "cooldown", codec: section(c.Cooldown.fields()), doc: "How long a deployment rests after it refused."},
		{key: "ledger", codec: section(c.Ledger.fields()), doc: "How requests are recorded."},
		{key: "currency", codec: currency(&c.Currency), doc: "ISO 4217 code of the one currency that money is counted in."},
		{key: "zone", codec: zone(&c.Zone), doc: "Time zone in which the days, weeks, months and years of limits begin, such as Europe/Stockholm."},
		{key: "prices", codec: section(c.Prices.fields()), doc: "What tokens cost, beyond the built-in list."},
		{key: "alerts", codec: section(c.Alerts.fields()), doc: "Where warnings go."},
		{key: "unsaid", codec: choice(&c.Unsaid, "cap", "refuse"), doc: "What happens to a request that names no max_tokens where a limit is smaller than its prompt and the model's largest answer: it is capped to half of the limit at most, or refused."},
		{key: "limits", codec: limits(&c.Limits, tallygate.Dimensions, nobody), doc: "What the whole organisation may use, or whatever a limit matches."},
		{key: "resources", codec: list(&c.Resources, Resource{}, (*Resource).codec), doc: "The Azure OpenAI resources behind the gateway; needed unless azure_tables names them."},
		{key: "models", codec: modelsCodec(&c.Models), doc: "How the deployments of a model share its requests, by model name."},
		{key: "groups", codec: list(&c.Groups, Group{Weight: 1}, (*Group).codec), doc: "What the callers of a group share."},
		{key: "callers", codec: list(&c.Callers, Caller{}, (*Caller).codec), doc: "Who may ask."},
		{key: "azure_tables", codec: unlessEmpty(section(fields{
			{key: "connection_string", required: true, codec: hidden(&c.AzureTables.Connection, connectionFault), doc: "Connection string of the storage account, best as ${env:…}."},
			{key: "every", codec: duration(&c.AzureTables.Every, time.Second), doc: "How often the tables are read; 10m at most."},
		}), func() bool { return c.AzureTables.Connection == "" }), doc: "The Azure OpenAI Service Proxy's tables of events and deployments, read as they are; the deployments are the model openai-chat."},
		{key: "sign_in", codec: list(&c.SignIn, SignIn{}, (*SignIn).codec), doc: "Where attendees of events may prove who they are, besides by an event's code."},
		{key: "events", codec: list(&c.Events, Event{Active: true}, (*Event).codec), doc: "Workshops and hackathons: a time in which people may use some models."},
	}
}

func (a *Admin) fields() fields {
	return fields{
		{key: "listen", codec: text(&a.Listen), doc: "Address of the admin listener, host:port; empty turns it off."},
		{key: "key", codec: secret(&a.Key), doc: "Admin key. Needed when the listener can be reached from other machines."},
	}
}

func (t *TLS) fields() fields {
	return fields{
		{key: "cert", codec: path(&t.Cert), doc: "PEM file of the certificate chain, relative to this file."},
		{key: "key", codec: path(&t.Key), doc: "PEM file of the private key, relative to this file."},
		{key: "self_signed", codec: flag(&t.SelfSigned), doc: "Make a certificate at start, for development."},
		{key: "hosts", codec: list(&t.Hosts, "", name), doc: "Names and addresses of the self-signed certificate."},
	}
}

func (l *Log) fields() fields {
	return fields{
		{key: "level", codec: choice(&l.Level, "debug", "info", "warn", "error"), doc: "Least severity that is logged."},
		{key: "format", codec: choice(&l.Format, "auto", "json", "text"), doc: "auto is text on a terminal and json elsewhere."},
	}
}

func (p *Passthrough) fields() fields {
	return fields{
		{key: "resource", codec: text(&p.Resource), doc: "Name of the resource that serves them; the first one unless said."},
		{key: "off", codec: flag(&p.Off), doc: "Refuse them."},
	}
}

func (t *Timeouts) fields() fields {
	return fields{
		{key: "connect", codec: duration(&t.Connect, time.Millisecond), doc: "Connecting to a resource, TLS included."},
		{key: "first_byte", codec: duration(&t.FirstByte, time.Millisecond), doc: "From sending a request to the response header."},
		{key: "idle", codec: duration(&t.Idle, time.Millisecond), doc: "Between two reads of a response."},
		{key: "header", codec: duration(&t.Header, time.Millisecond), doc: "Reading a client's request header."},
		{key: "body", codec: duration(&t.Body, time.Millisecond), doc: "Between two reads of a client's request body; also how long a client may leave an answer unread."},
		{key: "drain", codec: section(t.Drain.fields()), doc: "Stopping."},
	}
}

func (d *Drain) fields() fields {
	return fields{
		{key: "delay", codec: duration(&d.Delay, 0), doc: "Between no longer ready and no longer accepting, for load balancers to notice."},
		{key: "deadline", codec: duration(&d.Deadline, 0), doc: "Time running requests have to finish."},
	}
}

func (c *Cooldown) fields() fields {
	return fields{
		{key: "default", codec: duration(&c.Default, time.Millisecond), doc: "When the refusal does not say how long."},
		{key: "max", codec: duration(&c.Max, time.Millisecond), doc: "Cap on what a refusal may ask for."},
	}
}

func (l *Ledger) fields() fields {
	return fields{
		{key: "on_error", codec: choice(&l.OnError, "refuse", "serve"), doc: "What happens to requests while the ledger cannot write."},
	}
}

// tlsCodec reads a section that need not be there.
func tlsCodec(p **TLS) codec {
	return codec{
		decode: func(d *decoder, v value) {
			if isNull(v.node) {
				d.wrong(v, "give cert and key, or self_signed: true, or remove it", "says nothing")
				return
			}
			t := new(TLS)
			d.section(v, t.fields())
			*p = t
		},
		encode: func(pr *printer) *yaml.Node {
			if *p == nil {
				return nil
			}
			return pr.section((*p).fields())
		},
		schema: func() schema { return sectionSchema(new(TLS).fields()) },
	}
}
