package aztables

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	sdk "github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/event"
)

// defaultCap is the cap of an event whose row has none, or one that is none.
const defaultCap = 512

// row is an entity of a table.
type row struct {
	key    string
	values map[string]any
}

func parseRow(raw []byte) (*row, error) {
	var e sdk.EDMEntity
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, fmt.Errorf("a row cannot be read: %w", err)
	}
	return &row{e.RowKey, e.Properties}, nil
}

// text returns a property as text without spaces around it; people paste them.
func (r *row) text(name string) string {
	s, _ := r.values[name].(string)
	return strings.TrimSpace(s)
}

// number returns a whole number, however the storage browser typed it.
func (r *row) number(name string) int64 {
	switch n := r.values[name].(type) {
	case int32:
		return int64(n)
	case float64:
		return int64(n)
	case sdk.EDMInt64:
		return int64(n)
	}
	return 0
}

// truth returns a property that is true or false; people also write it as text.
func (r *row) truth(name string) bool {
	switch b := r.values[name].(type) {
	case bool:
		return b
	case string:
		return strings.EqualFold(strings.TrimSpace(b), "true")
	}
	return false
}

// time returns a time; ok is false when there is none that can be read.
func (r *row) time(name string) (t time.Time, ok bool) {
	switch v := r.values[name].(type) {
	case sdk.EDMDateTime:
		return time.Time(v).UTC(), true
	case string:
		for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02"} {
			if t, err := time.Parse(layout, strings.TrimSpace(v)); err == nil {
				return t.UTC(), true
			}
		}
	}
	return t, false
}

// id names a row without telling its key, which for an event is its secret code.
func (r *row) id() string {
	sum := sha256.Sum256([]byte("azure-tables\x00" + r.key))
	return "az-" + hex.EncodeToString(sum[:6])
}

// addEvent reads a row of the table of events. One without its times is never open,
// as with the event proxy, and so is left out.
func (c *Content) addEvent(r *row) {
	problem := func(what string) {
		c.Problems = append(c.Problems, fmt.Sprintf("%s: the event %q (%s) %s", eventTable, r.text("EventName"), r.id(), what))
	}
	start, hasStart := r.time("StartUTC")
	end, hasEnd := r.time("EndUTC")
	switch {
	case !event.ValidCode(r.key):
		problem(`has a code (RowKey) that is none: 6 to 20 printable characters without / \ # ?, or a GUID`)
		return
	case !hasStart || !hasEnd:
		problem("has no StartUTC or EndUTC that can be read: ISO 8601, in UTC")
		return
	case end.Before(start):
		problem("ends before it starts")
		return
	}
	limit := r.number("MaxTokenCap")
	if limit <= 0 {
		limit = defaultCap
	}
	name := r.text("EventName")
	if name == "" {
		name = "Event"
	}
	c.Events = append(c.Events, &event.Event{
		ID: r.id(), Code: r.key, Name: name, Start: start, End: end, Zone: time.UTC, Inactive: !r.truth("Active"),
		Models: []string{Model}, Chat: Model, MaxTokens: tallygate.Cap{Tokens: limit},
		URL: r.text("EventUrl"), URLText: r.text("EventUrlText"),
		Organiser: event.Organiser{Name: r.text("ContactName"), Email: r.text("ContactEmail")}, Origin: "azure-tables",
	})
}

// safe reports whether keys may be sent to an address: by https, or within this
// machine.
func safe(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && err == nil && ip.IsLoopback()
}

// addDeployment reads a row of the table of deployments.
func (c *Content) addDeployment(r *row) {
	if !r.truth("Active") {
		return
	}
	d := Deployment{
		Title: strings.TrimSpace(r.key), Location: strings.ToLower(strings.ReplaceAll(r.text("Location"), " ", "")),
		Name: r.text("DeploymentName"), Key: r.text("EndpointKey"), Endpoint: strings.TrimRight(r.text("Endpoint"), "/"),
	}
	if d.Endpoint == "" {
		d.Endpoint = "https://" + d.Location + ".api.cognitive.microsoft.com"
	}
	switch {
	case d.Location == "" || strings.Trim(d.Location, "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
		c.Problems = append(c.Problems, fmt.Sprintf("%s: %q has a Location that is no region", deploymentTable, d.Title))
	case !safe(d.Endpoint):
		c.Problems = append(c.Problems, fmt.Sprintf("%s: %q has an Endpoint that is not https://HOST", deploymentTable, d.Title))
	case d.Name == "" || d.Key == "":
		c.Problems = append(c.Problems, fmt.Sprintf("%s: %q has no DeploymentName or no EndpointKey", deploymentTable, d.Title))
	default:
		c.Deployments = append(c.Deployments, d)
	}
}
