package main

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/eventedit"
	"github.com/tallygate/tallygate/internal/listing"
)

// eventEdit are the flags that make or change an event.
type eventEdit struct {
	adminOptions
	eventedit.Window
	from, id, name, output string
	generate, active       bool
}

// Defaults of an event that is made. The cap is the event proxy's rule of thumb.
const (
	defaultSpan      = "8h"
	defaultMaxTokens = "512"
)

// flags adds the flags that all commands have that write events, under headings.
func (o *eventEdit) flags(c *cobra.Command, own ...string) {
	f := c.Flags()
	f.StringVar(&o.Start, "start", "", "when it begins: `time` such as 2026-12-01T09:00, or now")
	f.StringVar(&o.End, "end", "", "when it ends: `time`, likewise")
	f.StringVar(&o.Span, "for", "", "how long it lasts: `time` such as 8h, 90m or 3d, instead of --end")
	f.BoolVar(&o.generate, "generate-code", false, "make up a new code")
	for _, e := range eventedit.Flags {
		f.String(e.Name, "", e.Usage)
	}
	for _, l := range eventedit.LimitFlags {
		f.String(l.Name, "", l.Usage)
	}
	gatewayFlags(c, &o.adminOptions)
	limits := []string{"max-tokens", "allow"}
	for _, l := range eventedit.LimitFlags {
		limits = append(limits, l.Name)
	}
	groupFlags(c,
		flagGroup{"What it is:", append(own, "code", "generate-code", "models", "chat")},
		flagGroup{"When it is:", []string{"start", "end", "for", "zone"}},
		flagGroup{"How much may be used:", limits},
		flagGroup{"Who may come:", []string{"seats", "per-address", "domains", "roster", "forget-after"}},
		flagGroup{"Its page:", []string{"markdown", "logo", "url", "url-text", "organizer"}},
		flagGroup{"In the playground:", []string{"prompts", "system-message"}},
		flagGroup{"Which gateway:", []string{"admin", "key-file", "gateway"}})
}

// unreachable says why nobody will come to an event that was just made: because it is
// over, or its pages are at an address of this machine alone.
func unreachable(e *api.Event) (notes []string) {
	if e.State == "ended" {
		notes = append(notes, "it is over already: tallygate events edit "+e.ID+" --start … --end … gives it another time")
	}
	u, err := url.Parse(e.Base)
	if err != nil {
		return notes
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() == "localhost" || ip.IsLoopback() {
		notes = append(notes, "only this machine reaches "+e.Base+": say the address that attendees use as public_url in the configuration, or with --gateway in what this prints")
	}
	return notes
}

// apply writes the flags that were given into a definition.
func (o *eventEdit) apply(c *cobra.Command, d eventedit.Definition) error {
	for _, e := range eventedit.Flags {
		f := c.Flags().Lookup(e.Name)
		if !f.Changed {
			continue
		}
		v, err := e.Read(f.Value.String())
		if err != nil {
			return console.Usagef("--%s: %w", e.Name, err)
		}
		if d[e.Key()] = v; f.Value.String() == "" {
			delete(d, e.Key())
		}
	}
	for _, l := range eventedit.LimitFlags {
		if f := c.Flags().Lookup(l.Name); f.Changed {
			if err := l.Set(d, f.Value.String()); err != nil {
				return err
			}
		}
	}
	if o.generate {
		if c.Flags().Changed("code") {
			return console.Usagef("--code and --generate-code say two codes: leave one out")
		}
		d["code"] = eventedit.NewCode()
	}
	return nil
}

func eventsCreateCommand() *cobra.Command {
	var o eventEdit
	c := &cobra.Command{
		Use: "create [NAME]", Short: "Make an event", Args: upToOne("the event's name"),
		Long: "Makes an event and prints what its attendees need. Unless said by a flag or the\n" +
			"file of --from it begins now and lasts 8 hours, in this machine's time zone, has\n" +
			"a made-up code, offers all models, and answers have 512 tokens at most. With\n" +
			"--code '' it has no code, and people sign in on its page, with an identity\n" +
			"provider of the gateway's sign_in. With --seats, --domains or --roster its code\n" +
			"is for signing up alone; who is in the domains or in the roster may.",
		Example: "  tallygate events create 'Spring hackathon'\n" +
			"  tallygate events create 'Prompt lab' --start 2026-12-01T09:00 --for 8h \\\n" +
			"    --zone Asia/Tokyo --models gpt-4o,gpt-4o-mini --requests-per-attendee 50/day\n" +
			"  tallygate events create --from event.yaml",
		RunE: func(c *cobra.Command, args []string) error { return createEvent(c, &o, args) },
	}
	c.Flags().StringVar(&o.id, "id", "", "`id` in addresses, limits and the ledger, for ever; made from the name unless said")
	c.Flags().StringVar(&o.from, "from", "", "`file` that describes it in YAML or JSON, as events in the configuration; - is standard input")
	outputFlag(c, &o.output, "json")
	o.flags(c, "id", "from", "output")
	return c
}

func createEvent(c *cobra.Command, o *eventEdit, args []string) (err error) {
	d := make(eventedit.Definition)
	if o.from != "" {
		if d, err = eventedit.File(c.InOrStdin(), o.from); err != nil {
			return err
		}
	}
	if len(args) > 0 {
		d["name"] = args[0]
	}
	if s, _ := d["name"].(string); s == "" {
		return seeHelp(c, fmt.Errorf("%s takes the event's name, in quotes if it has spaces", c.CommandPath()))
	}
	if err := o.apply(c, d); err != nil {
		return err
	}
	unsaid := func(key string) bool {
		f := c.Flags().Lookup(strings.ReplaceAll(key, "_", "-"))
		return d[key] == nil && !f.Changed
	}
	if zone := eventedit.LocalZone(); zone != "" && unsaid("zone") {
		d["zone"] = zone
	}
	if unsaid("max_tokens") {
		d["max_tokens"] = eventedit.Number(defaultMaxTokens)
	}
	if unsaid("code") {
		d["code"] = eventedit.NewCode()
	}
	if unsaid("start") {
		o.Start = "now"
	}
	if unsaid("end") && o.Span == "" {
		o.Span = defaultSpan
	}
	return o.make(c, d, time.Local)
}

// make makes an event of a definition that is complete but for the window, and prints
// what its attendees need.
func (o *eventEdit) make(c *cobra.Command, d eventedit.Definition, zone *time.Location) error {
	if err := o.Set(d, zone); err != nil {
		return err
	}
	name, _ := d["name"].(string)
	given, _ := d["id"].(string)
	id := cmp.Or(o.id, given, config.EventID(name))
	delete(d, "id")
	if id == "" {
		return console.Usagef("the name %q makes no id: give one with --id, of lower-case letters, digits and dashes", console.Printable(name, 128))
	}
	gateway, err := o.client()
	if err != nil {
		return err
	}
	all, err := gateway.Events(c.Context())
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].ID == id {
			return fmt.Errorf("there is an event %q already: give this one another --id, or change that one with events edit", id)
		}
	}
	if err := eventedit.CodeTooNear(all, id, d); err != nil {
		return err
	}
	e, err := gateway.PutEvent(c.Context(), id, d, 0)
	if err != nil {
		return inEventFlags(c, d, err)
	}
	fmt.Fprintf(c.ErrOrStderr(), "made the event %q\n", id)
	listing.Notes(c.ErrOrStderr(), e)
	if o.output == "json" {
		return console.JSON(c.OutOrStdout(), e)
	}
	for _, note := range unreachable(e) {
		fmt.Fprintln(c.ErrOrStderr(), strings.Join(console.Wrapped("note: "+note, console.Columns), "\n  "))
	}
	if e.Live != "" { // not among what attendees get
		fmt.Fprintf(c.ErrOrStderr(), "watch it at %s, a link for organisers only\n", e.Base+e.Live)
	}
	return listing.Sheet(c.OutOrStdout(), e)
}
