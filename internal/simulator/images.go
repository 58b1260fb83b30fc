package simulator

import (
	"encoding/base64"
	"net/http"
)

func imageRoutes() []operation {
	both := styleDeployments | styleV1
	return []operation{
		{method: http.MethodPost, path: "images/generations", styles: both, title: "ImageGenerations_Create",
			serve: (*call).generateImages},
		{method: http.MethodPost, path: "images/edits", styles: both, title: "ImageEdits_Create",
			since: "2025-04-01-preview", serve: (*call).editImages},
	}
}

// drawing is a request for images, as read.
type drawing struct {
	question
	edits         bool
	size, quality string
	output        string // png, jpeg or webp
	url           bool
	imageTokens   int64 // of the images that are edited
	partial       int64
	background    string
}

func (c *call) generateImages() *apiError {
	f, err := c.fields()
	if err != nil {
		return err
	}
	return c.draw(f, &drawing{})
}

func (c *call) editImages() *apiError {
	form, err := c.form()
	if err != nil {
		return err
	}
	f, q := form.fields(), &drawing{edits: true}
	images := form.filesOf("image")
	for _, image := range images {
		q.prompt.hash ^= uint64(len(image.data))
	}
	if q.imageTokens = int64(len(images)) * tokensImageEdited; len(images) == 0 {
		f.missing("image")
	}
	return c.draw(f, q)
}

// tokensImageEdited is what an image to be edited costs.
const tokensImageEdited = 323

// draw answers both.
func (c *call) draw(f *fields, q *drawing) *apiError {
	c.stream = string(f.get("stream")) == "true"
	if err := c.locate(f.str("model")); err != nil {
		return err
	}
	if m := c.dep.model; !m.draws || q.edits && m.name == "dall-e-3" {
		return notSupported("imageGeneration", c.dep.Model)
	}
	c.readDrawing(f, q)
	if err := c.admit(&q.prompt, 0); err != nil {
		return err
	}
	if err := c.ready(f.err, &q.question, "prompt"); err != nil {
		return err
	}
	c.served()
	if !c.sleep(10 * c.pace().firstToken(0)) {
		return gone()
	}
	c.rec.Images = q.choices
	if c.dep.model.drawsTokens {
		c.used.completion = q.choices * imageTokens(q.size, q.quality)
	} else {
		c.used = usage{} // what is billed is images
	}
	pictures := make([]map[string]any, q.choices)
	for i := range pictures {
		pictures[i] = q.picture(c, i)
	}
	if c.stream {
		c.streamImages(q, pictures)
		return nil
	}
	return c.json(http.StatusOK, q.answer(c, pictures))
}

// readDrawing reads what images take; what is wrong with it is in f.err.
func (c *call) readDrawing(f *fields, q *drawing) {
	text := f.needStr("prompt")
	q.marks = readMarks(text)
	q.prompt.write(text)
	q.prompt.add(q.imageTokens)
	q.choices = f.integer("n", 1, 10, 1)
	q.partial = f.integer("partial_images", 0, 3, 0)
	f.str("user")
	c.known(f, imageMembers())
	if !c.dep.model.drawsTokens {
		q.url = f.oneOf("response_format", "url", "b64_json") != "b64_json"
		q.size = f.oneOf("size", "256x256", "512x512", "1024x1024", "1792x1024", "1024x1792")
		q.quality = f.oneOf("quality", "standard", "hd")
		f.oneOf("style", "vivid", "natural")
		if c.stream {
			f.fail(unknownParameter("stream"))
		}
		q.output = "png"
		return
	}
	if f.has("response_format") {
		f.fail(unknownParameter("response_format"))
	}
	q.size = f.oneOf("size", "1024x1024", "1536x1024", "1024x1536", "auto")
	q.quality = f.oneOf("quality", "low", "medium", "high", "auto")
	q.background = f.oneOf("background", "transparent", "opaque", "auto")
	if q.output = f.oneOf("output_format", "png", "jpeg", "webp"); q.output == "" {
		q.output = "png"
	}
	f.integer("output_compression", 0, 100, 100)
}

// imageTokens is what an image of gpt-image-1 costs by size and quality; what the
// service is left to choose is the largest and best.
func imageTokens(size, quality string) int64 {
	base := map[string]int64{"low": 272, "medium": 1056}[quality]
	if base == 0 {
		base = 4160
	}
	if size == "1024x1024" {
		return base
	}
	return base * 3 / 2
}

// picture is one image of an answer.
func (q *drawing) picture(c *call, i int) map[string]any {
	out := map[string]any{}
	show := sceneOf(q.marks.rest, q.size, c.sim.cfg.Seed+uint64(i), q.prompt.hash)
	if q.url {
		out["url"] = show.address(c.r)
	} else {
		out["b64_json"] = base64.StdEncoding.EncodeToString(show.paint(q.output))
	}
	if c.dep.model.name == "dall-e-3" {
		out["revised_prompt"] = q.marks.rest
		out["content_filter_results"] = rawJSON(safeChunk)
		out["prompt_filter_results"] = rawJSON(safePrompt)
	}
	return out
}

func (q *drawing) answer(c *call, pictures []map[string]any) map[string]any {
	out := map[string]any{"created": c.sim.now().Unix(), "data": pictures}
	if c.dep.model.drawsTokens {
		out["size"], out["quality"], out["output_format"] = q.size, q.quality, q.output
		for _, name := range []string{"size", "quality"} {
			if out[name] == "" {
				out[name] = "auto"
			}
		}
		if !c.hidesUsage() {
			out["usage"] = q.usage(c)
		}
	}
	return out
}

func (q *drawing) usage(c *call) map[string]any {
	u := c.used
	return map[string]any{"input_tokens": u.prompt, "output_tokens": u.completion, "total_tokens": u.prompt + u.completion,
		"input_tokens_details": map[string]int64{"text_tokens": u.prompt - q.imageTokens, "image_tokens": q.imageTokens}}
}

// streamImages sends the images, after as many sketches as were asked for.
func (c *call) streamImages(q *drawing, pictures []map[string]any) {
	kind := "image_generation."
	if q.edits {
		kind = "image_edit."
	}
	s := c.open(streamError)
	event := func(name string, picture, with map[string]any) bool {
		with["type"], with["b64_json"], with["created_at"] = kind+name, picture["b64_json"], c.sim.now().Unix()
		return s.send(append([]byte("event: "+kind+name+"\n"), dataEvent(with)...))
	}
	for i, picture := range pictures {
		for n := range q.partial {
			if !event("partial_image", picture, map[string]any{"partial_image_index": n}) {
				return
			}
		}
		end := map[string]any{}
		if i == len(pictures)-1 && !c.hidesUsage() {
			end["usage"] = q.usage(c)
		}
		if !event("completed", picture, end) {
			return
		}
	}
	s.done()
}
