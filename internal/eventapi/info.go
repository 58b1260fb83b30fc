package eventapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/event"
)

// firstInfo answers POST /api/eventinfo. The body is ignored: the first playground sends
// the code in it a second time.
func (a *handler) firstInfo(w http.ResponseWriter, r *http.Request) {
	g, err := a.byCode(r)
	if err != nil {
		refuseCode(w, err, notAuthorized)
		return
	}
	e, most := g.event, g.event.MaxTokens.Tokens
	if most <= 0 {
		most = mostTokens // what its other route takes, since the first version knows no event without a cap
	}
	reply(w, http.StatusOK, struct {
		Authorized bool   `json:"is_authorized"`
		Cap        int64  `json:"max_token_cap"`
		Name       string `json:"event_name"`
		URL        string `json:"event_url"`
		URLText    string `json:"event_url_text"`
	}{true, most, e.Name, e.URL, e.URLText})
}

// guest is somebody who takes part in an event, on one of the first version's routes.
type guest struct {
	who        *tallygate.Identity
	event      *event.Event
	credential string
}

// identity is who the guest is; nil when nobody was recognised.
func (g *guest) identity() *tallygate.Identity {
	if g == nil {
		return nil
	}
	return g.who
}

// byCode recognises who shows an event's code, and nothing else, in its own header.
func (a *handler) byCode(r *http.Request) (*guest, error) {
	code := r.Header.Get(codeHeader)
	if !event.ValidCode(code) {
		return nil, unauthenticated()
	}
	return a.attend(r, code, code)
}

// byUser recognises who shows an event's code and a name of its own.
func (a *handler) byUser(r *http.Request) (*guest, error) {
	credential := r.Header.Get(codeHeader)
	code, user, _ := strings.Cut(credential, "/")
	if !event.ValidCode(code) || user == "" || strings.Contains(user, "/") {
		return nil, unauthenticated()
	}
	return a.attend(r, credential, code)
}

// attend recognises who takes part in an event by a credential of the event. The code in
// it counts in its very spelling, as it did to the event proxy, whose table was looked up.
func (a *handler) attend(r *http.Request, credential, code string) (*guest, error) {
	who, err := a.Identify(http.Header{codeHeader: {credential}}, a.Source(r))
	if err != nil {
		return nil, err
	}
	e, ok := a.Event(who.Event)
	if who.Event == "" || !ok || e.Code != code {
		return nil, unauthenticated() // somebody else's key is no event code
	}
	return &guest{who, e, credential}, nil
}

func unauthenticated() error {
	return &tallygate.Error{Kind: tallygate.Unauthenticated, Message: notAuthorized}
}

// modelTypes are the event proxy's names of what models do. It had none for the last three.
var modelTypes = map[api.Kind]string{
	api.KindChat: "openai-chat", api.KindCompletion: "openai-completion", api.KindEmbedding: "openai-embedding",
	api.KindImage: "openai-dalle3", api.KindTranscription: "openai-whisper", api.KindSpeech: "openai-speech",
	api.KindRealtime: "openai-realtime", api.KindVideo: "openai-video",
}

// eventInfo is the event proxy's answer about a key, with the members of all its
// versions, and what is new: the event's window, and what is left of the caller's
// limits.
type eventInfo struct {
	Authorized     bool                `json:"is_authorized"`
	Cap            int64               `json:"max_token_cap"` // 0 is none
	Code           string              `json:"event_code"`    // the name, as it was called later
	Image          *string             `json:"event_image_url"`
	OrganizerName  string              `json:"organizer_name"`
	OrganizerEmail string              `json:"organizer_email"`
	Capabilities   map[string][]string `json:"capabilities"`

	Name    string     `json:"event_name"`
	URL     string     `json:"event_url"`
	URLText string     `json:"event_url_text"`
	ID      string     `json:"event_id,omitempty"`
	Start   *time.Time `json:"start,omitempty"`
	End     *time.Time `json:"end,omitempty"`
	Limits  []api.Left `json:"limits"`
}

// info answers GET and POST …/eventinfo for any key. One that belongs to no event is
// told what it may use under its own name.
func (a *handler) info(w http.ResponseWriter, r *http.Request) {
	who, err := a.Identify(r.Header, a.Source(r))
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	out := eventInfo{
		Authorized: true, Cap: who.MaxTokens.Tokens, Code: who.ID, Name: who.ID,
		Capabilities: make(map[string][]string), Limits: a.left(who),
	}
	for _, m := range a.Models(who) {
		t := modelTypes[does(&m)]
		out.Capabilities[t] = append(out.Capabilities[t], m.Name)
	}
	for _, names := range out.Capabilities {
		slices.Sort(names)
	}
	if e, ok := a.Event(who.Event); ok && who.Event != "" {
		start, end := in(e, e.Start), in(e, e.End)
		out.ID, out.Code, out.Name, out.Start, out.End = e.ID, e.Name, e.Name, &start, &end
		out.Image, out.URL, out.URLText = a.image(r, e), e.URL, e.URLText
		out.OrganizerName, out.OrganizerEmail = e.Organiser.Name, e.Organiser.Email
	}
	reply(w, http.StatusOK, &out)
}

// image is the address of the event's logo, in full; nil for none.
func (a *handler) image(r *http.Request, e *event.Event) *string {
	at := e.LogoURL()
	switch {
	case at == "":
		return nil
	case strings.HasPrefix(at, "/"):
		at = a.endpoint(r) + at
	}
	return &at
}

// left is never nil.
func (a *handler) left(who *tallygate.Identity) []api.Left {
	return append([]api.Left{}, a.Left(who)...)
}

// registration answers GET …/event/{id} for anybody: what the sign-up page shows. Times
// are the event's own wall clock, without a zone, as its page expects them.
func (a *handler) registration(w http.ResponseWriter, r *http.Request, id string) {
	id, err := url.PathUnescape(id)
	e, ok := a.Event(id)
	if err != nil || id == "" || !ok {
		reply(w, http.StatusNotFound, "Event not found.")
		return
	}
	const wall = "2006-01-02T15:04:05"
	start, end := in(e, e.Start), in(e, e.End)
	zone, offset := start.Zone()
	if e.Zone != nil {
		zone = e.Zone.String()
	}
	reply(w, http.StatusOK, struct {
		ID             string  `json:"event_id"`
		Code           string  `json:"event_code"`
		Image          *string `json:"event_image_url"`
		OrganizerName  string  `json:"organizer_name"`
		OrganizerEmail string  `json:"organizer_email"`
		Markdown       string  `json:"event_markdown"`
		Start          string  `json:"start_timestamp"`
		End            string  `json:"end_timestamp"`
		Zone           string  `json:"time_zone_label"`
		Offset         int     `json:"time_zone_offset"` // minutes east of UTC when it starts
	}{e.ID, e.Name, a.image(r, e), e.Organiser.Name, e.Organiser.Email, e.Markdown, start.Format(wall), end.Format(wall), zone, offset / 60})
}
