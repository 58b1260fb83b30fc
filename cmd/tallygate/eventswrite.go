package main

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/listing"
)

// eventEdit are the flags that make or change an event.
type eventEdit struct {
	adminOptions
	window
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
	f.StringVar(&o.start, "start", "", "when it begins: `time` such as 2026-12-01T09:00, or now")
	f.StringVar(&o.end, "end", "", "when it ends: `time`, likewise")
	f.StringVar(&o.span, "for", "", "how long it lasts: `time` such as 8h, 90m or 3d, instead of --end")
	f.BoolVar(&o.generate, "generate-code", false, "make up a new code")
	for _, e := range eventFlags {
		f.String(e.name, "", e.usage)
	}
	for _, l := range eventLimitFlags {
		f.String(l.name, "", l.usage)
	}
	gatewayFlags(c, &o.adminOptions)
	limits := []string{"max-tokens", "allow"}
	for _, l := range eventLimitFlags {
		limits = append(limits, l.name)
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

// apply writes the flags that were given into a definition.
func (o *eventEdit) apply(c *cobra.Command, d definition) error {
	for _, e := range eventFlags {
		f := c.Flags().Lookup(e.name)
		if !f.Changed {
			continue
		}
		v, err := e.read(f.Value.String())
		if err != nil {
			return console.Usagef("--%s: %w", e.name, err)
		}
		if d[e.key()] = v; f.Value.String() == "" {
			delete(d, e.key())
		}
	}
	for _, l := range eventLimitFlags {
		if f := c.Flags().Lookup(l.name); f.Changed {
			if err := l.set(d, f.Value.String()); err != nil {
				return err
			}
		}
	}
	if o.generate {
		if c.Flags().Changed("code") {
			return console.Usagef("--code and --generate-code say two codes: leave one out")
		}
		d["code"] = newCode()
	}
	return nil
}

// codeLetters are those that nobody mistakes for another one: 32, so that a random
// byte picks each as often.
const codeLetters = "0123456789abcdefghjkmnpqrstvwxyz"

// newCode makes up a code that is easy to type and cannot be guessed: 60 bits.
func newCode() string {
	b := make([]byte, 12)
	rand.Read(b) // never fails (crypto/rand)
	for i := range b {
		b[i] = codeLetters[b[i]%32]
	}
	return string(b[:4]) + "-" + string(b[4:8]) + "-" + string(b[8:])
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
	d := make(definition)
	if o.from != "" {
		if d, err = fileDefinition(c.InOrStdin(), o.from); err != nil {
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
	if zone := localZone(); zone != "" && unsaid("zone") {
		d["zone"] = zone
	}
	if unsaid("max_tokens") {
		d["max_tokens"] = number(defaultMaxTokens)
	}
	if unsaid("code") {
		d["code"] = newCode()
	}
	if unsaid("start") {
		o.start = "now"
	}
	if unsaid("end") && o.span == "" {
		o.span = defaultSpan
	}
	return o.make(c, d, time.Local)
}

// make makes an event of a definition that is complete but for the window, and prints
// what its attendees need.
func (o *eventEdit) make(c *cobra.Command, d definition, zone *time.Location) error {
	if err := o.set(d, zone); err != nil {
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
	if err := codeTooNear(all, id, d); err != nil {
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
	if e.Live != "" { // not among what attendees get
		fmt.Fprintf(c.ErrOrStderr(), "watch it at %s, a link for organisers only\n", e.Base+e.Live)
	}
	return listing.Sheet(c.OutOrStdout(), e)
}

// codeTooNear refuses a new code that another event has but for upper and lower case:
// who mistypes it would be in the other event. The gateway refuses the very same code.
func codeTooNear(all []api.Event, id string, d definition) error {
	code, _ := d["code"].(string)
	for i := range all {
		if all[i].ID == id && all[i].Code == code {
			return nil // it is not new
		}
	}
	for i := range all {
		if e := &all[i]; code != "" && e.ID != id && e.Code != code && strings.EqualFold(e.Code, code) {
			return console.Usagef("--code: the event %q has this code but for upper and lower case, so people would mix them up: choose another", e.ID)
		}
	}
	return nil
}

func eventsEditCommand() *cobra.Command {
	var o eventEdit
	c := &cobra.Command{
		Use: "edit ID", Short: "Change an event", Args: oneArg("the event's id"),
		Long: "Changes what flags say about an event, and leaves the rest. An empty value takes\n" +
			"something away: --domains '' lets everybody in.\n" +
			"A flag for requests, tokens or money replaces the event's limits of that kind.",
		Example: "  tallygate events edit spring-hackathon --end 2026-12-01T19:00\n" +
			"  tallygate events edit spring-hackathon --tokens-per-attendee 200k/day\n" +
			"  tallygate events edit spring-hackathon --generate-code",
		RunE: func(c *cobra.Command, args []string) error { return editEvent(c, &o, args[0]) },
	}
	c.Flags().StringVar(&o.name, "name", "", "`name` for people; the id stays")
	c.Flags().BoolVar(&o.active, "active", true, "--active=false closes it whatever the time is")
	o.flags(c, "name", "active")
	return c
}

func editEvent(c *cobra.Command, o *eventEdit, id string) error {
	changes := c.Flags().NFlag()
	for _, name := range []string{"admin", "key-file", "gateway"} {
		if c.Flags().Changed(name) {
			changes--
		}
	}
	if changes == 0 {
		return seeHelp(c, fmt.Errorf("nothing to change: say what with a flag, such as --end"))
	}
	gateway, err := o.client()
	if err != nil {
		return err
	}
	e, err := gateway.StoredEvent(c.Context(), id)
	if err != nil {
		return err
	}
	d, err := readDefinition(e.Definition)
	if err != nil {
		return err
	}
	if err := o.apply(c, d); err != nil {
		return err
	}
	if c.Flags().Changed("name") {
		d["name"] = o.name
	}
	if c.Flags().Changed("active") {
		if d["active"] = false; o.active {
			delete(d, "active")
		}
	}
	if err := o.set(d, listing.Zone(e)); err != nil {
		return err
	}
	all, err := gateway.Events(c.Context())
	if err != nil {
		return err
	}
	if err := codeTooNear(all, id, d); err != nil {
		return err
	}
	now, err := gateway.PutEvent(c.Context(), id, d, e.Version)
	if err != nil {
		return inEventFlags(c, d, err)
	}
	fmt.Fprintf(c.ErrOrStderr(), "changed the event %q: %s, %s\n", id, now.State, listing.Window(now))
	listing.Notes(c.ErrOrStderr(), now)
	if now.Code != e.Code && now.Code != "" {
		return console.Pairs(c.OutOrStdout(), [][2]string{{"code", console.Printable(now.Code, 64)}})
	}
	return nil
}

// upToOne takes one word at most, which is what it is called.
func upToOne(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) <= 1 {
			return nil
		}
		return seeHelp(c, fmt.Errorf("%s takes one word, %s; put quotes around it if it has spaces", c.CommandPath(), what))
	}
}

// exactArgs takes exactly the words that are called so.
func exactArgs(what ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == len(what) && !hasEmpty(args) {
			return nil
		}
		return seeHelp(c, fmt.Errorf("%s takes %d words: %s", c.CommandPath(), len(what), strings.Join(what, " and ")))
	}
}

func hasEmpty(args []string) bool {
	for _, a := range args {
		if a == "" {
			return true
		}
	}
	return false
}
