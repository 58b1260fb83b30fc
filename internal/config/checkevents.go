package config

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// checkEventList checks what holds within the events of the file, and between them.
func (d *reading) checkEventList(list []Event, k *known) {
	seen := newTaken(nil)
	for i := range list {
		d.checkEvent(&list[i], tree.Index("events", i), k, seen)
		seen.add(&list[i], fmt.Sprintf("on line %d", list[i].Line))
	}
}

// checkEvent checks what holds within the event at path, and between it and those that
// are there already.
func (d *reading) checkEvent(e *Event, path string, k *known, seen *taken) {
	at := func(key string) string { return tree.Join(path, key) }
	d.checkEventID(e, at, seen)
	d.checkCode(e, at("code"), seen)
	if !e.Start.IsZero() && !e.End.IsZero() && e.End.Before(e.Start) {
		d.WrongAt(at("end"), "", "the event ends before it starts")
	}
	for j, glob := range e.Models {
		if where := tree.Index(at("models"), j); glob != "" && !k.models.matches(glob) {
			d.WrongAt(where, suggest(glob, k.models.list), "%s matches no model", d.Quote(where, glob))
		}
	}
	if e.Chat != "" && !k.models.has(e.Chat) {
		d.WrongAt(at("chat"), suggest(e.Chat, k.models.list), "no deployment serves this model")
	}
	if u, err := url.Parse(e.URL); e.URL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		d.WrongAt(at("url"), "", "is not an address such as https://example.com/page")
	}
	switch fault := LogoFault(e.Logo); fault {
	case "":
	case plainLogo: // it was taken once, and an event shall not go for it
		d.Note(at("logo"), fault, "")
	default:
		d.WrongAt(at("logo"), "", "%s", fault)
	}
}

// taken is what no other event may have any more, with where it stands.
type taken struct {
	ids   map[string]string
	codes map[string]sameCode // in lower case
}

// newTaken is what these events of the configuration file have.
func newTaken(events []Event) *taken {
	t := &taken{ids: make(map[string]string), codes: make(map[string]sameCode)}
	for i := range events {
		t.add(&events[i], fmt.Sprintf("on line %d of the configuration file", events[i].Line))
	}
	return t
}

// sameCode is a code as it is written, and where its event stands.
type sameCode struct {
	code  Secret
	where string
}

// add takes the id and the code of an event that stands there.
func (t *taken) add(e *Event, where string) {
	if _, ok := t.ids[e.ID]; !ok {
		t.ids[e.ID] = where
	}
	if key := strings.ToLower(e.Code.Reveal()); t.codes[key].where == "" {
		t.codes[key] = sameCode{e.Code, where}
	}
}

// checkEventID checks that the event has an id that no other has.
func (d *reading) checkEventID(e *Event, at func(string) string, seen *taken) {
	where, ok := seen.ids[e.ID]
	switch {
	case e.ID == "" && e.Name != "" && d.Sound(at("id")):
		d.WrongAt(at("name"), "give it an id", "makes no id")
	case e.ID == "" || !ok:
	case d.Has(at("id")):
		d.WrongAt(at("id"), "", "%s is already taken by the event %s", d.Quote(at("id"), e.ID), where)
	default:
		d.WrongAt(at("name"), "give it an id of its own", "makes the id %s, which is already taken by the event %s", d.Quote(at("name"), e.ID), where)
	}
}

// checkCode checks that people can get in, and that no two events have one code, which
// is never shown. Codes that differ in case alone are too near: who mistypes one would
// be in the other event.
func (d *reading) checkCode(e *Event, at string, seen *taken) {
	if e.Code == "" {
		if len(d.whole.SignIn) == 0 && d.Sound(at) && d.Sound("sign_in") {
			d.WrongAt(at, "give it a code, or the configuration an identity provider under sign_in",
				"nobody can get in: the event has no code, and there is no identity provider to sign in with")
		}
		return
	}
	switch other, ok := seen.codes[strings.ToLower(e.Code.Reveal())]; {
	case !ok:
	case other.code == e.Code:
		d.WrongAt(at, "", "the event %s has the same code", other.where)
	default:
		d.WrongAt(at, "give it another", "the event %s has the same code but for upper and lower case", other.where)
	}
}
