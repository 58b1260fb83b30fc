package op

import (
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/meter"
	"github.com/tallygate/tallygate/internal/wire"
)

// An operation that goes on behind its answer, in the dated API.
const operation Kind = "operation"

func images() family {
	unit := func(template tallygate.Operation, prompt func(*work) int64) Unit {
		return Unit{
			Methods: "POST", Class: Image, Answer: meter.Media, Draws: true,
			Rule:   wire.Rule{Template: template, Access: tallygate.ToModel, Scoped: true, Pictures: true, Counts: anyCounts(), Bounds: anyBounds()},
			prompt: prompt, completion: picture,
		}
	}
	made, edited, varied := unit("images/generations", wholeBody), unit("images/edits", pictures), unit("images/variations", pictures)
	made.JSON, made.Bounds, made.Counts = true, nil, []wire.Field{wire.FieldN}
	edited.Form, varied.Form = true, true
	return family{"images", false, []Unit{
		made, edited, varied,
		kept("POST", "images/generations:submit").starts().makes(operation),
	}}
}

func operations() family {
	return family{"operations", false, []Unit{kept("GET DELETE", "operations/{id...}", operation)}}
}

// pictures bounds the prompt of what changes the pictures of a form.
func pictures(w *work) int64 {
	form, _ := w.ask.Form()
	if form.Files == 0 {
		return max(form.Text, tallygate.UnknownContext)
	}
	return form.Text + form.Files*pictureInput
}

// picture bounds the tokens of a picture that is made.
func picture(w *work) int64 {
	if w.asked > 0 {
		return w.asked
	}
	quality, size, _ := strings.Cut(w.ask.Picture, "/")
	tokens := w.most.Square.Of(quality)
	switch {
	case tokens == 0:
		return max(w.unsaid, tallygate.UnknownOutput)
	case size != "1024x1024":
		tokens += tokens / 2
	}
	return tokens + sketches
}

// sketches bounds the tokens of what a stream shows of a picture before it is made: three
// sketches at most, of a hundred tokens each.
const sketches = 300
