package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/app"
	"github.com/tallygate/tallygate/internal/config"
)

func serveCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "serve", Short: "Run the gateway", Args: noArgs,
		Long: "Runs the gateway until SIGINT or SIGTERM. Then it is not ready at once, finishes\n" +
			"the requests on their way up to timeouts.drain.deadline, flushes the ledger and\n" +
			"exits; a second signal gives those requests up.\n\n" +
			"SIGHUP, or a change of the file or of one that it names (secrets, certificate,\n" +
			"prices), reloads the configuration. A wrong one is reported and the running one\n" +
			"stays.",
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
	c.Flags().StringVarP(file, "config", "c", def, "configuration `file`, or $TALLYGATE_CONFIG")
}

// gcPercent lets the heap grow to four times what lives before it is collected:
// what lives is small, and a collection on few processors shows in the slowest
// requests. GOGC and GOMEMLIMIT in the environment have the last word.
const gcPercent = 300

func serve(ctx context.Context, file string, stderr io.Writer) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	w := newWatcher(file) // before the file is read: no change of it is missed
	defer w.close()
	load := func() (*config.Config, error) {
		cfg, err := config.Load(file, config.Env{})
		if err == nil {
			w.loaded(cfg.Files)
		}
		return cfg, err
	}
	cfg, err := load()
	if err != nil {
		return err
	}
	log, level := newLogger(cfg, stderr)
	for _, w := range warnings(os.LookupEnv) {
		log.Warn(w)
	}
	if w.err != nil {
		log.Warn("the configuration file is not watched; SIGHUP reloads it", "err", w.err)
	}
	for _, note := range cfg.Notes {
		log.Warn(note.Message, "file", note.File, "line", note.Line, "at", note.Path)
	}
	a, err := start(ctx, app.Options{Load: load, Version: version, Log: log, Level: level})
	if err != nil {
		return denied(busy(err, "listen and admin.listen in "+file), file)
	}
	admin := "off"
	if addr := a.AdminAddr(); addr != nil {
		admin = addr.String()
	}
	log.Info("serving", "addr", a.Addr().String(), "admin", admin, "version", version)
	watched, end := context.WithCancel(ctx)
	defer end()
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		w.run(watched, a.Reload)
	}()
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-a.Failed():
	}
	err = errors.Join(failed, stop(a, log))
	end()
	<-watching
	return err
}

// start builds and starts an app. On error nothing of it stays.
func start(ctx context.Context, o app.Options) (*app.App, error) {
	a, err := app.New(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := a.Start(); err != nil {
		ended, cancel := context.WithCancel(ctx)
		cancel() // there is nothing to drain
		return nil, errors.Join(err, a.Stop(ended))
	}
	return a, nil
}

// busy says what to change when an address is taken.
func busy(err error, change string) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w; stop what listens there, or change %s", err, change)
	}
	return err
}

// denied says what to do when the system keeps the gateway from its data directory or
// its address.
func denied(err error, file string) error {
	if _, ok := errors.AsType[*net.OpError](err); ok {
		if errors.Is(err, fs.ErrPermission) {
			return fmt.Errorf("%w; take ports above 1023 in %s, or allow the gateway these (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE)", err, file)
		}
		return err
	}
	_, path := errors.AsType[*fs.PathError](err)
	if path && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EROFS)) {
		return fmt.Errorf("%w; give the data directory to the gateway's user, or change data in %s", err, file)
	}
	return err
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

// newLogger logs as the configuration says: text on a terminal, JSON elsewhere,
// unless it names one. The level can be changed.
func newLogger(cfg *config.Config, w io.Writer) (*slog.Logger, *slog.LevelVar) {
	level := new(slog.LevelVar)
	_ = level.UnmarshalText([]byte(cfg.Log.Level)) // checked with the configuration
	o := &slog.HandlerOptions{Level: level}
	if cfg.Log.Format == "text" || cfg.Log.Format == "auto" && terminal(w) {
		return slog.New(slog.NewTextHandler(w, o)), level
	}
	return slog.New(slog.NewJSONHandler(w, o)), level
}

// terminal reports whether a file, such as a command's input or output, is one.
func terminal(file any) bool {
	f, ok := file.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
