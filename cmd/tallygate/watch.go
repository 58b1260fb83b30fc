package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// watcher notices SIGHUP and changes of the configuration file. It watches
// directories, because editors and Kubernetes replace files: the one of the file and,
// where the file is a link, the one that it points to.
type watcher struct {
	file   string
	seen   string // the fingerprint that was loaded last
	hangup chan os.Signal
	files  *fsnotify.Watcher // nil when files cannot be watched
	err    error             // why not
}

// newWatcher begins to notice; run acts on it.
func newWatcher(file string) *watcher {
	w := &watcher{file: file, seen: fingerprint(file), hangup: make(chan os.Signal, 1)}
	signal.Notify(w.hangup, syscall.SIGHUP)
	if w.files, w.err = fsnotify.NewWatcher(); w.err != nil {
		w.files = nil
		return w
	}
	w.err = w.files.Add(filepath.Dir(file))
	w.follow()
	return w
}

// follow watches where the file points to, which may change with each change.
func (w *watcher) follow() {
	if target, err := filepath.EvalSymlinks(w.file); err == nil {
		_ = w.files.Add(filepath.Dir(target)) // its own directory is watched at least
	}
}

func (w *watcher) close() {
	signal.Stop(w.hangup)
	if w.files != nil {
		w.files.Close()
	}
}

// settle is how long a file must have rested, because it is written in several steps.
const settle = 200 * time.Millisecond

// run calls reload until ctx is done: at every SIGHUP, and when the file has another
// content than before. What reload returns, it has logged.
func (w *watcher) run(ctx context.Context, reload func() error) {
	var changes <-chan fsnotify.Event
	var lost <-chan error
	if w.files != nil {
		changes, lost = w.files.Events, w.files.Errors
	}
	rested := time.NewTimer(0) // the file may have changed since it was loaded
	defer rested.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.hangup:
			w.seen = fingerprint(w.file)
			_ = reload()
		case <-changes:
			rested.Reset(settle)
		case <-lost: // too many events at once: look
			rested.Reset(settle)
		case <-rested.C:
			if w.files != nil {
				w.follow()
			}
			if now := fingerprint(w.file); now != w.seen {
				w.seen = now
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
