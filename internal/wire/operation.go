package wire

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/tallygate/tallygate"
)

// operation is what is known about an inference operation.
type operation struct {
	name string
	// json says that only JSON makes sense as its body, whatever the content type
	// says: so that no one slips a prompt past the peek under another type.
	json bool
	// scoped says that the dated API has it below a deployment only.
	scoped bool
	// listed says that GET on it is another operation, the list of what is stored.
	listed bool
	// unnamed says that the body need not name a model.
	unnamed bool
	// bounds are the fields that bound the tokens of a completion: the one that
	// most models know first, the one that reasoning models know last. counts are
	// those that say how many completions are made.
	bounds, counts []field
}

// operations are the inference operations: a POST to one is read by a model. They are known in any letter case and
// sent in this one, since the service does not mind the case either.
var operations = [...]operation{
	{
		name: string(tallygate.ChatCompletions), json: true, scoped: true, listed: true,
		bounds: []field{fieldMaxTokens, fieldMaxCompletionTokens}, counts: []field{fieldN},
	},
	{name: string(tallygate.Responses), json: true, bounds: []field{fieldMaxOutputTokens}},
	{name: "responses/compact", json: true},
	{name: "responses/input_tokens", json: true, unnamed: true},
	{name: string(tallygate.Embeddings), json: true, scoped: true},
	{
		name: string(tallygate.Completions), json: true, scoped: true,
		bounds: []field{fieldMaxTokens}, counts: []field{fieldN, fieldBestOf},
	},
	{name: "images/generations", json: true, scoped: true, counts: []field{fieldN}},
	{name: "images/edits", scoped: true},
	{name: "images/variations", scoped: true},
	{name: "audio/speech", json: true, scoped: true},
	{name: "audio/transcriptions", scoped: true},
	{name: "audio/translations", scoped: true},
	{
		name: "extensions/chat/completions", json: true, scoped: true,
		bounds: []field{fieldMaxTokens, fieldMaxCompletionTokens}, counts: []field{fieldN},
	},
}

// anyOperation stands for those that are not known, whose fields are read as far as
// they mean what they are called.
var anyOperation = operation{
	bounds: []field{fieldMaxTokens, fieldMaxCompletionTokens, fieldMaxOutputTokens},
	counts: []field{fieldN, fieldBestOf},
}

// inference returns the inference operation of that path, or nil.
func inference(tail string) *operation {
	for i := range operations {
		if operations[i].name == tail {
			return &operations[i]
		}
	}
	if hasUpper(tail) {
		return inference(strings.ToLower(tail))
	}
	return nil
}

func hasUpper[T string | []byte](s T) bool {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return true
		}
	}
	return false
}

// anyMethod are the methods of routes that are not inference operations.
const anyMethod = "GET, HEAD, POST, PUT, PATCH, DELETE"

// checkMethod holds the request to the methods of its route.
func (q *Request) checkMethod() error {
	switch {
	case q.Method == "POST":
		return nil
	case q.route.op == nil:
		q.Allow = anyMethod
	case q.route.op.listed && q.route.form != formDeployment:
		q.Allow = "GET, HEAD, POST"
	default:
		q.Allow = "POST"
	}
	for allowed := range strings.SplitSeq(q.Allow, ", ") {
		if q.Method == allowed {
			q.Allow = ""
			return nil
		}
	}
	return q.wrongMethod()
}

func (q *Request) wrongMethod() error {
	return &tallygate.Error{
		Kind:    tallygate.MethodNotAllowed,
		Message: "This route does not take the method " + clip(q.Method, 16) + ". It takes " + q.Allow + ".",
	}
}

// checkUpgrade refuses to change the protocol. An offer of HTTP/2 may be passed over,
// which is what clients that make it expect; whoever asks for a socket could do nothing
// with another answer.
func checkUpgrade(h http.Header) error {
	for _, line := range h["Upgrade"] {
		for word := range strings.SplitSeq(line, ",") {
			name, _, _ := strings.Cut(strings.TrimSpace(word), "/")
			switch strings.ToLower(name) {
			case "", "h2c", "h2", "http", "tls":
			default:
				return &tallygate.Error{
					Kind: tallygate.NotImplemented, Code: "UpgradeNotSupported",
					Message: "This gateway does not serve " + strconv.Quote(clip(name, 32)) + " connections yet. Ask without Upgrade: realtime sessions and responses over a socket need the resource itself.",
				}
			}
		}
	}
	return nil
}
