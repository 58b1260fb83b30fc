package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/app"
	"github.com/tallygate/tallygate/internal/config"
)

func serveCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "serve", Short: "Run the gateway", Args: cobra.NoArgs,
		Long: "Runs the gateway until SIGINT or SIGTERM: then it is not ready at once, finishes the requests on\n" +
			"their way up to timeouts.drain.deadline, flushes the ledger and exits. SIGHUP, or a change of the\n" +
			"file, reloads the configuration; a wrong one is reported and the running one stays.",
		Example: "  tallygate serve --config gateway.yaml",
		RunE: func(c *cobra.Command, _ []string) error {
			return serve(c.Context(), file, c.ErrOrStderr())
		},
	}
	configFlag(c, &file)
	return c
}

// configFlag adds --config, which TALLYGATE_CONFIG stands in for.
func configFlag(c *cobra.Command, file *string) {
	def := os.Getenv("TALLYGATE_CONFIG")
	if def == "" {
		def = "tallygate.yaml"
	}
	c.Flags().StringVarP(file, "config", "c", def, "configuration `file` (TALLYGATE_CONFIG)")
}

func serve(ctx context.Context, file string, stderr io.Writer) error {
	load := func() (*config.Config, error) { return config.Load(file, config.Env{}) }
	cfg, err := load()
	if err != nil {
		return err
	}
	log := newLogger(cfg, stderr)
	for _, note := range cfg.Notes {
		log.Warn(note.Message, "file", note.File, "line", note.Line, "at", note.Path)
	}
	a, err := app.New(ctx, app.Options{Load: load, Version: version, Log: log})
	if err != nil {
		return err
	}
	if err := a.Start(); err != nil {
		return errors.Join(err, a.Stop(context.Background()))
	}
	log.Info("serving", "addr", a.Addr().String(), "admin", fmt.Sprint(a.AdminAddr()), "version", version)
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		watch(ctx, file, log, a.Reload)
	}()
	<-ctx.Done()
	<-watching
	return stop(a, log)
}

// stop drains the app. A second signal ends it at once.
func stop(a *app.App, log *slog.Logger) error {
	again, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	if err := a.Stop(again); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	log.Info("stopped")
	return nil
}

// watch reloads on SIGHUP and when the file changes, until ctx is done. It watches
// the directory, because editors and Kubernetes replace the file.
func watch(ctx context.Context, file string, log *slog.Logger, reload func() error) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	var changes <-chan fsnotify.Event
	if w, err := fsnotify.NewWatcher(); err != nil {
		log.Warn("the configuration file is not watched; SIGHUP reloads it", "err", err)
	} else {
		defer w.Close()
		if err := w.Add(filepath.Dir(file)); err != nil {
			log.Warn("the configuration file is not watched; SIGHUP reloads it", "err", err)
		}
		changes = w.Events
	}
	last := fingerprint(file)
	settle := time.NewTimer(time.Hour)
	settle.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			last = fingerprint(file)
			_ = reload() // it logs what is wrong itself
		case <-changes:
			settle.Reset(200 * time.Millisecond) // a file is written in several steps
		case <-settle.C:
			if now := fingerprint(file); now != last {
				last = now
				_ = reload()
			}
		}
	}
}

// fingerprint tells a changed file from an unchanged one.
func fingerprint(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// newLogger logs as the configuration says: text on a terminal, JSON elsewhere,
// unless it names one.
func newLogger(cfg *config.Config, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.Log.Level)) // checked with the configuration
	o := &slog.HandlerOptions{Level: level}
	if cfg.Log.Format == "text" || cfg.Log.Format == "auto" && terminal(w) {
		return slog.New(slog.NewTextHandler(w, o))
	}
	return slog.New(slog.NewJSONHandler(w, o))
}

// terminal reports whether w is one.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
