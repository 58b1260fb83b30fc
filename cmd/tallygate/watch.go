package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/tallygate/tallygate/internal/config"
)

// watcher notices SIGHUP and changes of the files that the configuration is read from:
// its own, and those of secrets, certificates and prices. It watches directories, because
// editors and Kubernetes replace files: the one of each file and, where the file is a
// link, the one that it points to.
type watcher struct {
	hangup chan os.Signal
	files  *fsnotify.Watcher // nil when files cannot be watched
	err    error             // why not

	mu   sync.Mutex
	seen map[string]config.Digest // what each file held when it was looked at last
}

// newWatcher begins to notice; run acts on it.
func newWatcher(file string) *watcher {
	w := &watcher{hangup: make(chan os.Signal, 1), seen: map[string]config.Digest{file: digestOf(file)}}
	signal.Notify(w.hangup, syscall.SIGHUP)
	if w.files, w.err = fsnotify.NewWatcher(); w.err != nil {
		w.files = nil
		return w
	}
	w.err = w.files.Add(filepath.Dir(file))
	w.follow()
	return w
}

// loaded says from which files a configuration was read, and what they held. Files of an
// earlier one are not watched any more.
func (w *watcher) loaded(files map[string]config.Digest) {
	w.mu.Lock()
	w.seen = make(map[string]config.Digest, len(files))
	for file, held := range files {
		w.seen[file] = held
	}
	w.mu.Unlock()
	w.follow()
}

// follow watches the directory of each file and where it points to, which may change
// with each change.
func (w *watcher) follow() {
	if w.files == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for file := range w.seen {
		_ = w.files.Add(filepath.Dir(file)) // where it cannot be watched, SIGHUP still works
		if target, err := filepath.EvalSymlinks(file); err == nil {
			_ = w.files.Add(filepath.Dir(target))
		}
	}
}

// changed reports whether a file holds something else than when it was looked at last.
func (w *watcher) changed() (changed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for file, held := range w.seen {
		if now := digestOf(file); now != held {
			w.seen[file], changed = now, true
		}
	}
	return changed
}

func (w *watcher) close() {
	signal.Stop(w.hangup)
	if w.files != nil {
		w.files.Close()
	}
}

// settle is how long files must have rested, because they are written in several steps.
const settle = 200 * time.Millisecond

// run calls reload until ctx is done: at every SIGHUP, and when a file has another
// content than before. What reload returns, it has logged; the next change tries again.
func (w *watcher) run(ctx context.Context, reload func() error) {
	var changes <-chan fsnotify.Event
	var lost <-chan error
	if w.files != nil {
		changes, lost = w.files.Events, w.files.Errors
	}
	rested := time.NewTimer(0) // a file may have changed since it was loaded
	defer rested.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.hangup:
			w.changed()
			_ = reload()
		case <-changes:
			rested.Reset(settle)
		case <-lost: // too many events at once: look
			rested.Reset(settle)
		case <-rested.C:
			w.follow()
			if w.changed() {
				_ = reload()
			}
		}
	}
}

// digestOf tells a changed file from an unchanged one, without keeping what it holds.
func digestOf(file string) config.Digest { return config.DigestOf(os.ReadFile(file)) }
