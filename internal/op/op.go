// Package op is the table of operations: what the service does at which path, a unit
// each, a file for each family. A unit says all that there is to say of its operation:
// its route, what the route reaches, how its body is read, what its worst case is made
// of, how its answer is counted, and which ids it names and makes. The packages that
// read, bound and count requests have the mechanism and know none of them by name.
//
// Sources: Azure OpenAI's REST references (inference 2024-10-21 and 2025-04-01-preview,
// v1), OpenAI's API reference.
package op

import (
	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/meter"
	"github.com/tallygate/tallygate/internal/wire"
)

// Kind is a kind of what resources keep.
type Kind string

// Class is what somebody has a model for.
type Class string

// The classes. They are the kinds of the catalogue's models.
const (
	Chat          Class = "chat"
	Completion    Class = "completion"
	Embedding     Class = "embedding"
	Image         Class = "image"
	Speech        Class = "speech"
	Transcription Class = "transcription"
)

// Unit is an operation. It never changes.
type Unit struct {
	wire.Rule
	// Methods are the methods of its route, separated by spaces. HEAD goes with GET.
	Methods string
	// Names are the kinds of the ids in its path, and Makes is the kind of what it makes;
	// empty when it makes nothing that is kept.
	Names []Kind
	Makes Kind

	// Class is what its models are for; empty where no model reads it.
	Class Class
	// Answer is how its answers are written.
	Answer meter.API
	// Free says that a model reads it and nothing is used.
	Free bool
	// Hears says that sound is written down, Speaks that the text in input is spoken, and
	// Draws that each choice is a picture: their seconds, characters and pictures count. An
	// answer that does not tell what was used used what sound of that length does.
	Hears, Speaks, Draws bool
	// Unsaid is the bound of a completion that names none, in tokens; 0 is what the model
	// can make at most. Least is the smallest that the service takes; 0 is any.
	Unsaid, Least int64

	// prompt and completion bound the tokens of the prompt and of one completion; nil for
	// what no model reads.
	prompt, completion func(*work) int64
}

// Works reports whether a model works on a request, so that what it uses is the request's
// own. The usage that objects show, when they are read or cancelled, is that of the
// request which made them; and counting a prompt costs nothing.
func (u *Unit) Works(ask *wire.Request) bool {
	return ask.Method == "POST" && !ask.Kept() && !u.Free
}

// family is what the service has below one first segment of a path.
type family struct {
	name string
	// resource says that the service never has it below a deployment, where clients that
	// are configured with one put it anyhow.
	resource bool
	units    []Unit
}

// families are all that is known. Reading, uploading, describing, cancelling and
// deleting start nothing; whatever may set a model, a training or a tool to work does.
func families() []family {
	return []family{
		models(), chat(), extensions(), completions(), embeddings(), responses(), images(), audio(),
		conversations(), files(), uploads(), containers(), vectorStores(), batches(), fineTuning(),
		assistants(), threads(), evals(), video(), videos(), realtime(), operations(), deployments(),
	}
}

// kept is a unit of what resources keep, which no model reads.
func kept(methods, template string, names ...Kind) Unit {
	return Unit{
		Methods: methods, Names: names,
		Rule: wire.Rule{Template: tallygate.Operation(template), Access: tallygate.ToObjects, Bounds: anyBounds(), Counts: anyCounts()},
	}
}

// starts is the unit as one that sets work going whose cost nobody can bound beforehand.
func (u Unit) starts() Unit {
	u.Starts = true
	return u
}

// makes is the unit as one that makes something that is kept.
func (u Unit) makes(k Kind) Unit {
	u.Makes = k
	return u
}

// anyBounds and anyCounts are the fields of bodies that nobody knows, which are read as
// far as they mean what they are called.
func anyBounds() []wire.Field {
	return []wire.Field{wire.FieldMaxTokens, wire.FieldMaxCompletionTokens, wire.FieldMaxOutputTokens}
}

func anyCounts() []wire.Field { return []wire.Field{wire.FieldN, wire.FieldBestOf} }
