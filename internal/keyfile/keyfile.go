// Package keyfile keeps the keys that the gateway makes for itself, in files of its data
// directory which only their owner reads: the secret that attendees' keys follow from,
// and a certificate for development.
package keyfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// writeWhole writes a file that is there whole or not at all, whatever happens on the
// way: a key or a secret that was cut off would stop every later start.
func writeWhole(path string, data []byte, mode os.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Secret returns the 32 random bytes that a file holds, and makes them when there is no
// file. What follows from them would be another thing without them, so a file that holds
// less is an error.
func Secret(path string) ([]byte, error) {
	secret, err := os.ReadFile(path)
	switch {
	case err == nil && len(secret) >= 32:
		return secret, nil
	case err == nil:
		return nil, fmt.Errorf("%s is not the secret that was written there: restore it, or remove it to give every attendee a new key", path)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	secret = make([]byte, 32)
	rand.Read(secret) // never fails (crypto/rand)
	return secret, writeWhole(path, secret, 0o600)
}
