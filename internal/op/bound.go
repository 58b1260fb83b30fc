package op

import (
	"cmp"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/wire"
)

// What bounds requests that are not text: sound, speech and pictures. These bounds are
// rough, and above what the models do.
const (
	// soundTokens bounds the tokens that a second of sound is to a model, as it is read
	// and as it is written down.
	soundTokens = 20
	// speechTokens bounds the tokens of the sound that a byte of text is spoken in, a
	// digit being the longest.
	speechTokens = 4
	// pictureInput bounds the tokens of a picture that is to be changed.
	pictureInput = 8192
	// fewTokens are what there is of any answer, however short.
	fewTokens = 64
)

// work is a request before a model, as its bounds see it.
type work struct {
	ask  *wire.Request
	most tallygate.Capacity
	// asked bounds the tokens of a completion, as the request or the gateway has it; 0
	// when neither does. unsaid is what counts then.
	asked, unsaid int64
	// sound is the longest that the request's sound can be, in seconds.
	sound int64
}

// Worst is the most that a request can use, as far as it is known before it is sent.
type Worst struct {
	tallygate.Bound
	// Likely is how long its sound is as far as it can be told, in seconds.
	Likely int64
}

// Fill adds to a usage that tells of tokens alone what else counts of the request.
func (b *Worst) Fill(u *tallygate.Usage) {
	u.Seconds = cmp.Or(u.Seconds, b.Likely)
	u.Characters, u.Images = cmp.Or(u.Characters, b.Characters), cmp.Or(u.Images, b.Images)
}

// Bound bounds what a request can use of a model with that capacity: asked bounds the
// tokens of one completion, 0 being unsaid. Its cost is for others to say. What no model
// works on uses nothing.
func (u *Unit) Bound(ask *wire.Request, most tallygate.Capacity, asked int64) (b Worst) {
	if !u.Works(ask) || u.prompt == nil {
		return b
	}
	w := work{ask: ask, most: most, asked: asked, unsaid: u.Short(most.Output)}
	if u.Hears {
		heard := soundOf(ask)
		b.Seconds, b.Likely, w.sound = heard.most, heard.likely, heard.most
	}
	if u.Speaks {
		b.Characters = ask.Characters()
	}
	if u.Draws {
		b.Images, b.Picture = max(ask.Choices, 1), ask.Picture
	}
	if most.Tokenless {
		b.Prompt = 1 // so that limits of tokens that are of 0, or used up, refuse it too
		return b
	}
	b.Prompt, b.Completion = u.prompt(&w), u.completion(&w)*max(ask.Choices, 1)
	return b
}

// Short returns the bound of a completion that names none, where it is most otherwise; 0
// is not known.
func (u *Unit) Short(most int64) int64 {
	if u.Unsaid > 0 && (most == 0 || most > u.Unsaid) {
		return u.Unsaid
	}
	return most
}

// Untold is the usage of a request whose answer came whole and does not tell it, of a
// model for which tokens are a matter or not; none where nobody knows.
func (u *Unit) Untold(b *Worst, tokenless bool) (used tallygate.Usage) {
	switch {
	case tokenless:
	case u.Hears:
		used.Prompt, used.Completion = b.Likely*soundTokens/2, b.Likely*soundTokens/2
	default:
		return used
	}
	used.Source, used.Total = tallygate.Estimated, used.Prompt+used.Completion
	b.Fill(&used)
	return used
}

// bytes bounds the prompt by the body's length: no tokenizer makes more tokens of a text
// than it has bytes. A picture has its own bound.
func (w *work) bytes() int64 {
	const absurd = 1 << 40 // keeps sums of what clients claim within an int64
	files, binary, _ := w.ask.Beyond()
	n := min(w.ask.BodyBytes-binary, absurd)
	if w.most.Picture > 0 {
		return n + files*w.most.Picture
	}
	return n + binary
}

// wholeBody bounds a prompt that all of the body may be. One that is partly elsewhere is
// bounded by the model's window alone, which bounds every prompt.
func wholeBody(w *work) int64 {
	if form, ok := w.ask.Form(); ok {
		return w.form(&form)
	}
	return w.within(w.most.Context)
}

// eachPrompt is wholeBody of several prompts, each of which may fill the window.
func eachPrompt(w *work) int64 {
	if form, ok := w.ask.Form(); ok {
		return w.form(&form)
	}
	return w.within(w.most.Context * max(w.ask.Choices, 1))
}

func (w *work) within(window int64) int64 {
	n := w.bytes()
	_, _, refers := w.ask.Beyond()
	switch {
	case window == 0 && refers:
		return max(n, tallygate.UnknownContext)
	case window == 0:
		return n
	case refers:
		return window
	}
	return min(n, window)
}

// inputs bounds a prompt that is any number of texts, each of which may fill the window.
func inputs(w *work) int64 {
	if form, ok := w.ask.Form(); ok {
		return w.form(&form)
	}
	return w.bytes()
}

// form bounds a form of which nothing else is known: files count by their bytes.
func (w *work) form(form *wire.FormFacts) int64 {
	if form.Files == 0 {
		return max(form.Text, tallygate.UnknownContext)
	}
	return form.Text + form.FileBytes
}

// longestAnswer bounds a completion by what is asked for, else by what the model can make.
func longestAnswer(w *work) int64 {
	switch {
	case w.asked > 0:
		return w.asked
	case w.unsaid == 0:
		return tallygate.UnknownOutput
	}
	return w.unsaid
}

// noAnswer is the bound of what makes no tokens, unless they are asked for.
func noAnswer(w *work) int64 { return w.asked }

// atMost returns n, or most where that is known and less.
func atMost(n, most int64) int64 {
	if most > 0 {
		return min(n, most)
	}
	return min(n, tallygate.UnknownContext)
}
