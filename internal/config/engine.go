package config

import "github.com/tallygate/tallygate/internal/config/tree"

// What of the engine those need who have a configuration.
type (
	// Secret is a key, which shows itself nowhere.
	Secret = tree.Secret
	// Problem is one thing that is wrong with a configuration, or worth a remark.
	Problem = tree.Problem
	// Problems is everything that is wrong with one. It is the error of Load and Parse.
	Problems = tree.Problems
	// Env is the world outside of the file.
	Env = tree.Env
	// Digest tells a changed file from an unchanged one.
	Digest = tree.Digest
)

// DigestOf is the digest of what a file was found to hold.
func DigestOf(text []byte, err error) Digest { return tree.DigestOf(text, err) }
