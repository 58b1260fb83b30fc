package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/console"
	"github.com/tallygate/tallygate/internal/doctor"
)

// asker asks resources as the gateway reaches them: by the proxy that the environment
// names.
func asker(timeout time.Duration) *doctor.Asker {
	return &doctor.Asker{Timeout: timeout, Client: &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: timeout, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// resourcesOf are the resources of a configuration, to be asked.
func resourcesOf(cfg *config.Config) []doctor.Resource {
	out := make([]doctor.Resource, len(cfg.Resources))
	for i := range cfg.Resources {
		r := &cfg.Resources[i]
		out[i] = doctor.Resource{Name: r.Name, Endpoint: r.Endpoint, Key: r.Key.Reveal()}
		for j := range r.Deployments {
			out[i].Deployments = append(out[i].Deployments, r.Deployments[j].Name)
		}
	}
	return out
}

// online asks each resource and deployment, and says which fail with their lines.
func online(ctx context.Context, stdout, stderr io.Writer, file string, cfg *config.Config, timeout time.Duration) error {
	resources, deployments, failed := 0, 0, 0
	say := func(line int, f doctor.Finding) {
		switch f.Level {
		case doctor.Fail:
			failed++
			fmt.Fprintf(stderr, "%s:%d: %s: %s\n", file, line, f.About, f.Words)
		case doctor.Warn:
			fmt.Fprintf(stderr, "note: %s:%d: %s: %s\n", file, line, f.About, f.Words)
		}
	}
	for i, reply := range asker(timeout).Ask(ctx, resourcesOf(cfg), true) {
		r := &cfg.Resources[i]
		resources++
		say(r.Line, reply.Key)
		for j, f := range reply.Deployments {
			deployments++
			say(r.Deployments[j].Line, f)
		}
		if n := len(r.Deployments) - len(reply.Deployments); n > 0 {
			fmt.Fprintf(stderr, "note: %s:%d: %s: %s not asked\n", file, r.Line, r.Name, strings.Replace(console.Counted(int64(n), "deployments")+" were", "1 deployment were", "1 deployment was", 1))
		}
	}
	asked := console.Counted(int64(resources), "resources") + " and " + console.Counted(int64(deployments), "deployments")
	if failed > 0 {
		return fmt.Errorf("asked %s: %s", asked, console.Counted(int64(failed), "failures"))
	}
	_, err := fmt.Fprintf(stdout, "asked %s: all answer\n", asked)
	return err
}
