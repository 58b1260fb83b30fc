package proxy

import (
	"strings"

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
	// largestSound is the largest file of sound that the service takes, in bytes.
	largestSound = 25 << 20
	// fewTokens are what there is of any answer, however short.
	fewTokens = 64
)

// uploads reports whether an operation reads files of its own, whose bytes have nothing
// to do with tokens.
func uploads(op tallygate.Operation) bool {
	return transcribes(op) || op == "images/edits" || op == "images/variations"
}

// transcribes reports whether an operation writes down what it hears.
func transcribes(op tallygate.Operation) bool {
	return op == "audio/transcriptions" || op == "audio/translations"
}

// soundOf bounds the length of the sound in a request. A body that could not be read
// may be all sound.
func soundOf(ask *wire.Request) sound {
	if !transcribes(ask.Operation) {
		return sound{}
	}
	if form, ok := ask.Form(); ok {
		return length(form.Head, form.FileBytes)
	}
	if ask.BodyBytes <= 0 { // nobody knows
		return length(nil, largestSound)
	}
	return length(nil, ask.BodyBytes)
}

// uploaded bounds the prompt's tokens of a request that brings files. Those of whose
// kind nothing is known count by their bytes.
func (b *Bounds) uploaded(ask *wire.Request, form *wire.FormFacts) int64 {
	switch {
	case transcribes(ask.Operation) && b.BySecond:
		return form.Text
	case transcribes(ask.Operation):
		return atMost(soundOf(ask).most*soundTokens+form.Text+fewTokens, b.Context)
	case form.Files == 0:
		return max(form.Text, unknownContext)
	case strings.HasPrefix(string(ask.Operation), "images/"):
		return form.Text + form.Files*pictureInput
	}
	return form.Text + form.FileBytes
}

// completion bounds the tokens of a completion: asked is what the request itself bounds
// it by, and heard the seconds of its sound.
func (b *Bounds) completion(ask *wire.Request, asked, heard int64) int64 {
	op := ask.Operation
	most := unsaid(op, b.Output)
	switch {
	case b.BySecond && transcribes(op):
		return 0
	case asked > 0 || op == tallygate.Embeddings:
		return asked
	case transcribes(op):
		return atMost(heard*soundTokens+fewTokens, most)
	case op == "audio/speech":
		return atMost(ask.BodyBytes*speechTokens+fewTokens, UnknownOutput)
	case most == 0 || strings.HasPrefix(string(op), "images/"):
		return max(most, UnknownOutput)
	}
	return most
}

// atMost returns n, or most where that is known and less.
func atMost(n, most int64) int64 {
	if most > 0 {
		return min(n, most)
	}
	return min(n, unknownContext)
}
