package simulator

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
)

func embeddingRoutes() []operation {
	return []operation{{
		method: http.MethodPost, path: "embeddings", styles: styleDeployments | styleV1,
		title: "Embeddings_Create", serve: (*call).embeddings,
	}}
}

// maxInputs is how many inputs a request for embeddings may have.
const maxInputs = 2048

type embeddingRequest struct {
	inputs     []question
	raw        []json.RawMessage
	dimensions int
	base64     bool
}

// embeddings answers requests for embeddings.
func (c *call) embeddings() *apiError {
	f, err := c.fields()
	if err != nil {
		return err
	}
	if err := c.locate(f.str("model")); err != nil {
		return err
	}
	if !c.dep.model.embeds {
		return notSupported("embeddings", c.dep.Model)
	}
	q := c.readEmbedding(f)
	var all prompt
	longest := int64(0)
	var m marks
	for i := range q.inputs {
		p := &q.inputs[i].prompt
		all.tokens += p.tokens
		all.chars += (p.chars + 3) / 4 * 4 // each input is rounded up on its own
		longest = max(longest, p.tokens)
		m = readMarks(q.inputs[i].last)
	}
	if err := c.admit(&all, 0); err != nil {
		return err
	}
	if err := c.ready(f.err, &question{prompt: prompt{tokens: longest}, marks: m}, "input"); err != nil {
		return err
	}
	c.served()
	if !c.sleep(c.pace().firstToken(0) / 4) {
		return gone()
	}
	c.write(http.StatusOK, "application/json", q.answer(c))
	return nil
}

// readEmbedding reads what embeddings takes; what is wrong with it is in f.err.
func (c *call) readEmbedding(f *fields) *embeddingRequest {
	m := c.dep.model
	q := &embeddingRequest{dimensions: m.dimensions}
	q.base64 = f.oneOf("encoding_format", "float", "base64") == "base64"
	if f.has("dimensions") {
		if !m.shortens {
			f.fail(invalid("", "", "This model does not support specifying dimensions."))
		}
		q.dimensions = int(f.integer("dimensions", 1, int64(m.dimensions), 1))
	}
	f.str("user")
	c.known(f, embeddingMembers())
	raw := f.get("input")
	switch {
	case raw == nil:
		f.missing("input")
		return q
	case raw[0] == '[':
		items := f.array("input", maxInputTokens)
		if q.raw = splitInput(items, raw); len(q.raw) > maxInputs {
			f.array("input", maxInputs) // says so
			q.raw = nil
			return q
		}
	default:
		q.raw = []json.RawMessage{raw}
	}
	if len(q.raw) == 0 {
		f.fail(invalid("input", "", "'$.input' is invalid. Please check the API reference: "+
			"https://platform.openai.com/docs/api-reference."))
	}
	for _, item := range q.raw {
		var in question
		if !in.readInput(item) || in.prompt.tokens == 0 {
			f.fail(invalid("input", "", "'$.input' is invalid. Please check the API reference: "+
				"https://platform.openai.com/docs/api-reference."))
		}
		q.inputs = append(q.inputs, in)
	}
	return q
}

// answer builds the answer by hand: a list of thousands of numbers is most of it.
func (q *embeddingRequest) answer(c *call) []byte {
	b := []byte(`{"object":"list","data":[`)
	for i := range q.inputs {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"object":"embedding","index":`...)
		b = strconv.AppendInt(b, int64(i), 10)
		b = append(b, `,"embedding":`...)
		v := embed(c.sim.cfg.Seed, &q.inputs[i], q.dimensions)
		if q.base64 {
			b = append(b, '"')
			b = base64.StdEncoding.AppendEncode(b, littleEndian(v))
			b = append(b, '"')
		} else {
			b = appendFloats(b, v)
		}
		b = append(b, '}')
	}
	b = append(b, `],"model":`...)
	b = appendString(b, c.dep.model.full())
	if !c.hidesUsage() {
		n := strconv.FormatInt(c.used.prompt, 10)
		b = append(b, `,"usage":{"prompt_tokens":`+n+`,"total_tokens":`+n+`}`...)
	}
	return append(b, '}')
}

func littleEndian(v []float32) []byte {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func appendFloats(b []byte, v []float32) []byte {
	b = append(b, '[')
	for i, x := range v {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(b, float64(x), 'g', -1, 32)
	}
	return append(b, ']')
}

// embed makes a unit vector of an input: the same for the same input, and near those
// of inputs that share its words, so that searching by it finds something.
func embed(seed uint64, in *question, dimensions int) []float32 {
	v := make([]float32, dimensions)
	noise := rand.New(rand.NewPCG(seed, in.prompt.hash))
	for i := range v {
		v[i] = (noise.Float32() - 0.5) * 0.2
	}
	for word := range strings.FieldsFuncSeq(strings.ToLower(in.last), notLetter) {
		var h prompt
		h.write(word)
		spread := rand.New(rand.NewPCG(seed, h.hash))
		for range 24 {
			at := spread.Uint64()
			v[at%uint64(dimensions)] += float32(at>>62&1)*2 - 1
		}
	}
	sum := float64(0)
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		v[0], sum = 1, 1
	}
	scale := float32(1 / math.Sqrt(sum))
	for i := range v {
		v[i] *= scale
	}
	return v
}
