package tallygate

// Capacity is the most that a model takes and makes, on any deployment that may serve
// it, in tokens; 0 is not known.
type Capacity struct {
	// Context is that of a prompt, Picture of one picture in it, Output of a completion.
	Context, Picture, Output int64
	// Square is what a picture of 1024 by 1024 pixels takes that it makes; one of the others
	// takes half as much more.
	Square ByQuality
	// Reasoning says that the model takes max_completion_tokens only, and may use tokens
	// that it does not show.
	Reasoning bool
	// Tokenless says that tokens are no matter: it is paid by the seconds it hears, the
	// characters it speaks or the pictures it makes alone.
	Tokenless bool
}

// ByQuality is something of pictures by their quality, in tokens; 0 is not known.
type ByQuality struct{ Low, Medium, High int64 }

// Of returns that of a quality; of one that the service chooses, or nobody knows, the most.
func (q ByQuality) Of(quality string) int64 {
	switch quality {
	case "low":
		return q.Low
	case "medium":
		return q.Medium
	}
	return q.High
}

// UnknownOutput bounds a completion when nobody knows the model and the request does not
// say, and UnknownContext a prompt that cannot be seen: as much as the usual model can
// write and read at most, in tokens.
const (
	UnknownOutput  = 16_384
	UnknownContext = 128_000
)
