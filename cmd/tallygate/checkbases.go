package main

import (
	"fmt"
	"io"

	"github.com/tallygate/tallygate/app"
	"github.com/tallygate/tallygate/internal/config"
)

// noteBases remarks on deployments of whose models nobody knows anything: their requests
// are served, but bounded and counted as those of the usual model.
func noteBases(w io.Writer, file string, cfg *config.Config) error {
	unknown, err := app.UnknownBases(cfg)
	if err != nil {
		return err
	}
	for _, u := range unknown {
		fmt.Fprintf(w, "note: %s:%d: nobody knows the model %q of the deployment %s, so its tokens are bounded and counted as those of the usual one: "+
			"say in the deployment what it is, such as base: gpt-4o\n", file, u.Line, u.Base, u.Deployment)
	}
	return nil
}
