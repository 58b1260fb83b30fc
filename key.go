package tallygate

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// DigestPrefix is what a digest begins with that stands in place of an API key; 64 hex
// digits follow.
const DigestPrefix = "sha256:"

// KeyDigest returns the SHA-256 digest of an API key, or the one that stands in its place.
func KeyDigest(key string) (sum [sha256.Size]byte) {
	if digits, ok := strings.CutPrefix(key, DigestPrefix); ok && len(digits) == hex.EncodedLen(len(sum)) {
		if _, err := hex.Decode(sum[:], []byte(digits)); err == nil {
			return sum
		}
	}
	return sha256.Sum256([]byte(key))
}
