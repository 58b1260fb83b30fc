package eventapi

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/slow"
)

const (
	// maxBody is the most that is read of a body, in bytes, and bodyTime how long it may
	// take.
	maxBody  = 1 << 20
	bodyTime = 30 * time.Second
)

// style is how one of the two chat routes speaks.
type style struct {
	unauthorized string
	// problem is the body that tells a message of what went wrong.
	problem func(message string) any
	// answer is the body that tells a model's answer; false when that makes no sense.
	answer func(*exchange) ([]byte, bool)
}

// prompt answers POST /api/oai_prompt, which the first playground and the load test use.
func (a *handler) prompt(w http.ResponseWriter, r *http.Request) {
	g, err := a.byCode(r)
	a.chat(w, r, g, err, &style{notAuthorized, playgroundProblem, playgroundAnswer})
}

// completion answers POST /api/v1/chat/completions with a header that names code and
// user: the same request as prompt's, and the model's own answer.
func (a *handler) completion(w http.ResponseWriter, r *http.Request) {
	g, err := a.byUser(r)
	a.chat(w, r, g, err, &style{invalidUser, func(message string) any { return message }, completionAnswer})
}

// chat reads a guest's request, has the line serve it, and tells the answer. The original
// read the body before it asked who sent it; a stranger's is not read here.
func (a *handler) chat(w http.ResponseWriter, r *http.Request, g *guest, err error, s *style) {
	own := &statusWriter{ResponseWriter: w}
	began, asked := time.Now(), false
	defer func() {
		if !asked && a.Refused != nil {
			a.Refused(r, g.identity(), began, own.status)
		}
	}()
	w = own
	if err != nil {
		refuseCode(w, err, s.unauthorized)
		return
	}
	body, status, wrong := readBody(w, r)
	if wrong != "" {
		detail(w, status, wrong)
		return
	}
	q, problems := parse(body)
	if len(problems) > 0 {
		detail(w, http.StatusUnprocessableEntity, problems)
		return
	}
	if wrong := q.check(g.event.MaxTokens.Tokens); wrong != "" {
		reply(w, http.StatusBadRequest, s.problem(wrong))
		return
	}
	model, reasons, known := a.model(g)
	if model == "" {
		detail(w, http.StatusInternalServerError, noDeployments)
		return
	}
	text, err := q.completion(reasons)
	if err != nil { // what was read as JSON can be written as JSON
		detail(w, http.StatusInternalServerError, err.Error())
		return
	}
	asked = true
	x := a.ask(r, g.credential, model, text)
	x.maxTokens = int64(q.maxTokens)
	a.tell(w, x, s, known)
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// readBody reads the body of a request, or says why it cannot be used.
func readBody(w http.ResponseWriter, r *http.Request) (body []byte, status int, wrong string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	_, large := errors.AsType[*http.MaxBytesError](err)
	switch {
	case large:
		return nil, http.StatusRequestEntityTooLarge, "The body is larger than 1 MiB"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, http.StatusRequestTimeout, "The body did not come in time"
	case err != nil || !utf8.Valid(body):
		return nil, http.StatusBadRequest, "There was an error parsing the body"
	}
	slow.Forget(w)
	return body, 0, ""
}

// model chooses the event's model: its own for chat, or the first of those it offers.
// known reports whether it is among these.
func (a *handler) model(g *guest) (name string, reasons, known bool) {
	chat := g.event.Chat
	for _, m := range a.Models(g.who) {
		if chat == "" && does(&m) == api.KindChat || chat != "" && strings.EqualFold(m.Name, chat) {
			return m.Name, thinks(&m), true
		}
	}
	return chat, false, false
}

// noDeployments is the first version's answer where there is nothing to ask.
const noDeployments = "No active OpenAI model deployments found."

// tell answers with what became of a request.
func (a *handler) tell(w http.ResponseWriter, x *exchange, s *style, known bool) {
	x.copyHeader(w.Header())
	if x.status >= 200 && x.status < 300 {
		if body, ok := s.answer(x); ok {
			write(w, http.StatusOK, body)
			return
		}
		x.status = http.StatusBadGateway
		x.body.Reset()
	}
	code, message := x.fault()
	switch {
	case code == "DeploymentNotFound", code == "ServiceUnavailable" && !known:
		detail(w, http.StatusInternalServerError, noDeployments)
	case x.status == http.StatusUnauthorized: // the event ended in between
		detail(w, http.StatusUnauthorized, s.unauthorized)
	default:
		status, text := told(x.status, code, message)
		reply(w, status, s.problem(text))
	}
}

// told maps a fault to status and text, in the original's words where it had some. The
// original told faults from 500 on as 200; here they keep their status.
func told(status int, code, message string) (int, string) {
	switch status {
	case http.StatusConflict, http.StatusTooManyRequests:
		// What is refused by the caller's own limit says which: waiting may not help.
		if code != "RateLimitReached" && code != "insufficient_quota" || message == "" {
			message = "OpenAI API retry limit reached..."
		}
		return http.StatusTooManyRequests, message
	case http.StatusServiceUnavailable:
		if code == "ServiceUnavailable" || message == "" {
			message = "Oops, OpenAI unavailable. Please try again."
		}
	case http.StatusGatewayTimeout:
		message = "Oops, OpenAI timeout. Please try again."
	case http.StatusBadRequest, http.StatusNotFound, http.StatusUnsupportedMediaType:
		if message == "" {
			message = "Bad request"
		}
	}
	if message == "" {
		message = "OpenAI Error"
	}
	return status, message
}
