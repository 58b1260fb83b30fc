package tallygate

// Dialect is the style of URL a request came in. The answer goes back in the
// style it was asked in, because the styles differ in their errors and fields.
type Dialect uint8

// The dialects (Azure OpenAI's own three, and OpenAI's plain one).
const (
	// Deployments is /openai/deployments/{deployment}/{operation}?api-version=.
	// The path alone decides the deployment, never the body.
	Deployments Dialect = iota + 1
	// Resource is /openai/{path}?api-version=.
	Resource
	// V1 is /openai/v1/{path}; the body's model field names the deployment.
	V1
	// Plain is /v1/{path}, OpenAI's own; it goes upstream as V1.
	Plain
)

// String returns the dialect's name as the ledger and the metrics show it.
func (d Dialect) String() string {
	switch d {
	case Deployments:
		return "deployments"
	case Resource:
		return "resource"
	case V1:
		return "v1"
	case Plain:
		return "plain"
	}
	return ""
}

// Operation is what is asked for: the template of the path behind the dialect's prefix
// and the deployment, such as "chat/completions" or "responses/{id}/input_items". There
// are as many as the table of routes has (internal/op): what is not in it is
// "files/{path...}", by the family it begins like, or "{path...}".
type Operation string

// The operations the gateway reads in both directions.
const (
	ChatCompletions Operation = "chat/completions"
	Completions     Operation = "completions"
	Embeddings      Operation = "embeddings"
	Responses       Operation = "responses"
	Models          Operation = "models"
)

// Access says what a route reaches. It belongs to the method and the path, and nothing
// that a caller writes beside them changes it.
type Access uint8

// The kinds of access. The zero value is the closed one: a route that nobody has put
// into the table counts as reaching what others keep.
const (
	// ToObjects: what resources keep for whoever holds their key, such as files,
	// batches and stored responses. These objects have no owners here.
	ToObjects Access = iota
	// ToModel: one model reads the request and answers it; the path or the body names it.
	ToModel
	// ToList: the gateway's own list of models.
	ToList
)

// Ask is what a request asks for, as far as anyone on its way needs to know.
type Ask struct {
	// Method is the HTTP method.
	Method    string
	Dialect   Dialect
	Operation Operation
	// Access is what the route reaches, and Starts says that it sets work going whose
	// cost nobody can bound beforehand: a batch, a video, a training, a run.
	Access Access
	Starts bool
	// Background says that the work goes on behind the answer, which is a stored object
	// to be asked again.
	Background bool
	// Refers says that the request refers to objects that the resource keeps (an earlier
	// response, a conversation, a file, a container), whoever has made them.
	Refers bool
	// Reach is what the request would have the service reach beyond its prompt.
	Reach Reach
	// Refs are the ids that stand in the path, in the order of Operation's {id}.
	Refs []string
	// Model is the name the caller used: the deployment segment of the path or
	// the body's model field. The pool of that name serves it. Empty when the
	// request names none (GET /files).
	Model string
	// APIVersion is the query's api-version; empty when absent.
	APIVersion string
	// Stream says that the body asks for server-sent events.
	Stream bool
	// StreamUsage says that the body itself asks for the usage chunk
	// (stream_options.include_usage true).
	StreamUsage bool
	// MaxTokens bounds the completion tokens of one choice: the largest of the
	// operation's own bounds (max_tokens, max_completion_tokens,
	// max_output_tokens); 0 when unsaid.
	MaxTokens int64
	// Choices is how many completions are generated: max(n, best_of, 1), times the
	// prompts of a completion.
	Choices int64
	// Picture is the kind of picture that is asked for, as QUALITY/SIZE in lower case, such
	// as "hd/1024x1792". What is not said is left out: "/1024x1024", "low/"; empty when
	// neither is.
	Picture string
	// BodyBytes is the body's length. No tokenizer makes more tokens of a text
	// than it has bytes, so it bounds the prompt tokens of a text-only request.
	BodyBytes int64
	// User is the body's user (or safety_identifier) field.
	User string
	// Affinity is a hash of the prompt's beginning (or of prompt_cache_key), for
	// routing like prompts to the same deployment; 0 when there is none.
	Affinity uint64
}
