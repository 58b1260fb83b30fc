package main

import (
	"fmt"
	"io"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/remark"
)

// noteBases remarks on deployments of whose models nobody knows anything: their requests
// are served, but bounded and counted as those of the usual model.
func noteBases(w io.Writer, file string, cfg *config.Config) error {
	unknown, err := remark.UnknownBases(cfg)
	if err != nil {
		return err
	}
	for _, u := range unknown {
		fmt.Fprintf(w, "note: %s:%d: nobody knows the model %q of the deployment %s, so it is taken for %s, and its tokens are bounded and counted as those of the usual one: "+
			"say in the deployment what it is, such as base: %s, or at least what it does, under models: {%s: {kind: %s}}\n",
			file, u.Line, u.Base, u.Deployment, takenFor(u.Kind), exampleOf(u.Kind), u.Model, u.Kind)
	}
	return nil
}

// takenFor is what a model of a kind is.
func takenFor(kind string) string {
	switch kind {
	case "chat", "completion", "speech", "transcription", "realtime", "video":
		return "a " + kind + " model"
	}
	return "an " + kind + " model"
}

// exampleOf is a well-known model of a kind.
func exampleOf(kind string) string {
	switch kind {
	case "completion":
		return "gpt-35-turbo-instruct"
	case "embedding":
		return "text-embedding-3-small"
	case "image":
		return "gpt-image-1"
	case "speech":
		return "tts"
	case "transcription":
		return "whisper"
	case "realtime":
		return "gpt-realtime"
	case "video":
		return "sora-2"
	}
	return "gpt-4o"
}
