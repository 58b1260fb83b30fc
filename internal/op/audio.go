package op

import (
	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/meter"
	"github.com/tallygate/tallygate/internal/wire"
)

func audio() family {
	hears := func(template tallygate.Operation) Unit {
		return Unit{
			Methods: "POST", Class: Transcription, Answer: meter.Media, Hears: true,
			Rule:   wire.Rule{Template: template, Access: tallygate.ToModel, Scoped: true, Form: true, Bounds: anyBounds(), Counts: anyCounts()},
			prompt: heard, completion: written,
		}
	}
	return family{"audio", false, []Unit{
		{
			Methods: "POST", Class: Speech, Answer: meter.Media, Speaks: true,
			Rule:   wire.Rule{Template: "audio/speech", Access: tallygate.ToModel, JSON: true, Scoped: true},
			prompt: wholeBody, completion: spoken,
		},
		hears("audio/transcriptions"), hears("audio/translations"),
	}}
}

// heard bounds the prompt's tokens that sound is.
func heard(w *work) int64 {
	form, _ := w.ask.Form()
	return atMost(w.sound*soundTokens+form.Text+fewTokens, w.most.Context)
}

// written bounds the tokens of what sound is written down in.
func written(w *work) int64 {
	if w.asked > 0 {
		return w.asked
	}
	return atMost(w.sound*soundTokens+fewTokens, w.unsaid)
}

// spoken bounds the tokens of the sound that a text is spoken in.
func spoken(w *work) int64 {
	if w.asked > 0 {
		return w.asked
	}
	return atMost(w.ask.BodyBytes*speechTokens+fewTokens, tallygate.UnknownOutput)
}
