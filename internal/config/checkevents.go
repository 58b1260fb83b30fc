package config

import "net/url"

// checkEventList checks what holds within and between events.
func (d *decoder) checkEventList(list []Event, k *known) {
	ids := make(map[string]int)
	codes := make(map[Secret]int)
	for i := range list {
		e := &list[i]
		path := index("events", i)
		at := func(key string) string { return join(path, key) }
		d.unique(ids, at("id"), e.ID)
		if e.ID == "" && e.Name != "" && d.sound(at("id")) {
			d.wrongAt(at("name"), "give it an id", "makes no id")
		}
		d.checkCode(e, i, at("code"), codes)
		if !e.Start.IsZero() && !e.End.IsZero() && e.End.Before(e.Start) {
			d.wrongAt(at("end"), "", "the event ends before it starts")
		}
		for j, glob := range e.Models {
			if where := index(at("models"), j); glob != "" && !k.models.matches(glob) {
				d.wrongAt(where, suggest(glob, k.models.list), "%s matches no model", d.quote(where, glob))
			}
		}
		if e.Chat != "" && !k.models.has(e.Chat) {
			d.wrongAt(at("chat"), suggest(e.Chat, k.models.list), "no deployment serves this model")
		}
		for key, address := range map[string]string{"logo": e.Logo, "url": e.URL} {
			if u, err := url.Parse(address); address != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
				d.wrongAt(at(key), "", "is not an address such as https://example.com/page")
			}
		}
	}
}

// checkCode checks that no two events have one code, which is never shown.
func (d *decoder) checkCode(e *Event, i int, at string, codes map[Secret]int) {
	if e.Code == "" {
		return
	}
	if other, ok := codes[e.Code]; ok {
		d.wrongAt(at, "", "the event of line %d has the same code", d.marks[index("events", other)].line)
	}
	codes[e.Code] = i
}
