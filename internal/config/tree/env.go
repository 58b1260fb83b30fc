package tree

import (
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
)

// Digest is a SHA-256, so that nothing that it is of is kept.
type Digest [sha256.Size]byte

// maxFile is the largest configuration file, in bytes. It also bounds the files
// that ${file:…} reads.
const maxFile = 4 << 20

// Env is the world outside the file. The zero Env is the process's own.
type Env struct {
	// Lookup returns an environment variable and whether it is set.
	Lookup func(string) (string, bool)
	// ReadFile returns a file's content.
	ReadFile func(string) ([]byte, error)
}

// OrOS is the environment with what it lacks from the process.
func (e Env) OrOS() Env {
	if e.Lookup == nil {
		e.Lookup = os.LookupEnv
	}
	if e.ReadFile == nil {
		e.ReadFile = readFile
	}
	return e
}

// readFile reads a file, but never much more than maxFile of it.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

// FileFault says in plain words why a file could not be read.
func FileFault(err error) string {
	var path *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist"
	case errors.Is(err, fs.ErrPermission):
		return "may not be read: permission denied"
	case errors.As(err, &path):
		return "cannot be read: " + path.Err.Error()
	}
	return "cannot be read: " + err.Error()
}

// DigestOf is the digest of what a file was found to hold.
func DigestOf(text []byte, err error) Digest {
	if err != nil {
		return Digest{}
	}
	return sha256.Sum256(text)
}
