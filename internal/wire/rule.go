package wire

import (
	"net/http"
	"strings"

	"github.com/tallygate/tallygate"
)

// Rule is what is to be known of a route to read its requests. It never changes.
type Rule struct {
	// Template names the route: its path behind the dialect's prefix, in which {id} stands
	// for one segment and {id...} for one or more.
	Template tallygate.Operation
	// Access is what the route reaches, and Starts says that it sets work going whose cost
	// nobody can bound beforehand.
	Access tallygate.Access
	Starts bool
	// JSON says that only JSON makes sense as its body, whatever the content type says,
	// so that no one slips a prompt past the peek under another type; Form, that only a
	// form does.
	JSON, Form bool
	// Unnamed says that the body need not name a model, though one reads it, and BodyModel
	// that its model is taken for one, though nobody knows whether one reads it.
	Unnamed, BodyModel bool
	// Scoped says that the dated API has it below a deployment only.
	Scoped bool
	// Listed says that GET on it is another route, the list of what is stored.
	Listed bool
	// Bounds are the fields that bound the tokens of a completion: the one that most
	// models know first, the one that reasoning models know last. Counts are those that
	// say how many completions are made.
	Bounds, Counts []Field
	// EachPrompt says that each of several prompts is completed, and Echo that a bound of
	// no tokens is one: the prompt's own probabilities are asked for.
	EachPrompt, Echo bool
	// UsageChunk says that a stream's usage comes where stream_options ask for it.
	UsageChunk bool
	// Background says that the work may go on behind the answer.
	Background bool
	// Pictures says that size and quality say what kind of picture is made.
	Pictures bool
}

// Table is the table of routes. Paths are those behind a dialect's prefix, escaped and
// without a slash at either end; letter case does not matter. Safe for concurrent use.
type Table interface {
	// Model returns the rule of a path that a model reads when it is posted to; nil when
	// none does.
	Model(path string) *Rule
	// Rule returns what a method does at a path that is no model's, and the ids that
	// stand in it. Of what is not known it is a rule that says the worst.
	Rule(method, path string) (rule *Rule, refs []string)
	// OnResource reports whether the service has a path at the resource only, where
	// clients that are configured with a deployment put it below that.
	OnResource(path string) bool
}

// anyMethod are the methods of routes that no model reads.
const anyMethod = "GET, HEAD, POST, PUT, PATCH, DELETE"

// classify says what the request does, by its method and path alone. It comes before
// anything of the body is read.
func (q *Request) classify(t Table) {
	if q.route.model != nil && q.Method == http.MethodPost {
		q.route.rule = q.route.model
		q.route.names = true
	} else {
		q.route.rule, q.Refs = t.Rule(q.Method, q.route.tail)
		q.route.names = q.route.rule.BodyModel
		if q.route.rule.Access == tallygate.ToList {
			_, q.listed, _ = strings.Cut(q.route.tail, "/")
		}
	}
	r := q.route.rule
	q.Operation, q.Access, q.Starts = r.Template, r.Access, r.Starts
	if q.route.model != nil {
		q.Operation = q.route.model.Template // also where it takes no such method
	}
}

// Rule is the rule by which the request was read; nil when its URL could not be.
func (q *Request) Rule() *Rule { return q.route.rule }

// checkMethod holds the request to the methods of its route.
func (q *Request) checkMethod() error {
	switch {
	case q.Method == http.MethodPost:
		return nil
	case q.route.model == nil:
		q.Allow = anyMethod
	case q.route.model.Listed && q.route.form != formDeployment:
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

// reads reports whether the method changes nothing.
func reads(method string) bool { return method == http.MethodGet || method == http.MethodHead }

func hasUpper[T string | []byte](s T) bool {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return true
		}
	}
	return false
}
