package proxy

import (
	"net/http"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/meter"
	"github.com/tallygate/tallygate/internal/pool"
)

// What a request used of which the upstream does not say it.

// mostASecond is above the tokens that any deployment makes in a second for a choice.
const mostASecond = 1000

// used returns what the request used, by its answer. What was counted by its text is
// not all where the model may have done more than it shows; what nobody knows is not
// taken for little.
func (t *trip) used(c *pool.Candidate, res *http.Response, got *meter.Result) tallygate.Usage {
	u := got.Usage
	counted := u.Source == tallygate.Estimated || u.Source == tallygate.Partial
	if u.Source == tallygate.Held && got.Outcome == tallygate.Answered {
		if whole := t.need.unit.Untold(&t.need.worst, t.need.its.Tokenless); whole.Known() {
			return whole
		}
	}
	switch {
	case u.Source == tallygate.Held, counted && u.Seconds == 0 && res.StatusCode < 300 && t.unseen(c):
		u = t.unknown(c)
	case u.Source == tallygate.Partial && u.Completion < t.ask.Choices: // one was begun for each
		u.Completion, u.Total = t.ask.Choices, u.Prompt+t.ask.Choices
	}
	if u.Known() && res.StatusCode < 300 {
		t.need.worst.Fill(&u)
	}
	return u
}

// unseen reports whether the model may have used tokens that neither request nor answer
// show: it reasons, or nobody knows it; the service runs tools of its own, or reads what
// is elsewhere.
func (t *trip) unseen(c *pool.Candidate) bool {
	_, _, refers := t.ask.Beyond()
	return refers || t.ask.Guesses() || t.ask.Reach != 0 || !t.ask.Peeked() || t.Meter.Unseen(c.Base)
}

// unknown is the usage of a request of which nobody knows better: what was held. A
// stream that was given up before anything of it came cannot have used more than there
// was time for.
func (t *trip) unknown(c *pool.Candidate) tallygate.Usage {
	if !t.ask.Stream || t.unseen(c) {
		return t.entry.Hold.Whole()
	}
	most := (int64(time.Since(t.sent)/time.Second) + 1) * mostASecond * max(t.ask.Choices, 1)
	if most >= t.entry.Hold.Completion {
		return t.entry.Hold.Whole()
	}
	prompt := t.Meter.Prompt(t.need.unit.Answer, c.Base, t.ask.JSON())
	return tallygate.Usage{Source: tallygate.Partial, Prompt: prompt, Completion: most, Total: prompt + most}
}

// later deals with work in the background: that which begins is settled when it ends,
// and of that which has ended an answer may tell.
func (t *trip) later(c *pool.Candidate, got *meter.Result) {
	e := t.entry
	switch {
	case e.Status >= 300 || got.ResponseID == "":
	case t.goesOn(got) && e.Usage.Source != tallygate.Exact:
		e.Usage = e.Hold.Whole()
		t.Later.expect(e, c.Resource+"/"+got.ResponseID)
	case !t.works() && final(got.Finish) && (got.Told.Known() || got.Finish == "failed"):
		t.Later.ended(c.Resource+"/"+got.ResponseID, ending{got.Told, got.Finish})
	}
}

// goesOn reports whether the answer is of work that goes on behind it: work in the
// background, whether it was asked for in words that are known or the answer alone shows it.
func (t *trip) goesOn(got *meter.Result) bool {
	return t.ask.Later() || t.need.unit.Background && !t.ask.Stream && got.Finish != "" && !final(got.Finish)
}

// drained notes that nobody was there for the answer: it was read for its usage alone.
func (t *trip) drained() {
	e := t.entry
	if e.Outcome == tallygate.Answered {
		e.Cause = "the client left; the answer was read for its usage"
	}
	e.Outcome, e.Status, e.AnswerBytes, e.FirstByte = tallygate.Aborted, tallygate.StatusCanceled, 0, 0
}
