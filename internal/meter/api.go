package meter

// API is how an operation writes its answers and takes its prompts.
type API uint8

// The APIs. The zero value is one that nobody knows: what usage its answers happen to
// tell is read, and its text is not counted.
const (
	Unknown API = iota
	Chat        // chat completions: chunks, messages
	Text        // completions: chunks, one prompt or several
	Events      // responses: typed events, an input of items
	Vectors     // embeddings: several texts, no text in the answer
	Media       // pictures and sound: typed events, text in the prompt only
)

// Chunked reports whether its streams are completions cut in pieces, as against events
// that name their type.
func (a API) Chunked() bool { return a == Chat || a == Text }

// counted reports whether its answers hold text that is counted when they tell no usage.
func (a API) counted() bool { return a == Events || a.Chunked() }

// ends reports whether its streams say that they are complete, so that one which just
// ends is not.
func (a API) ends() bool { return a != Unknown && a != Vectors }

// String returns the name.
func (a API) String() string {
	return [...]string{"unknown", "chat", "text", "events", "vectors", "media"}[min(a, Media)]
}
