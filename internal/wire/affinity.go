package wire

import (
	"encoding/binary"
	"math/bits"
)

// affinityBytes is how much of a prompt's beginning its affinity is made of.
const affinityBytes = 1024

// Fingerprint hashes the whole request as far as a deployment gets to see it and it was
// read, to tell it from others; what of an upload is on disk or streamed counts by its
// length alone. It is never 0. It costs a pass over the body.
func (q *Request) Fingerprint() uint64 {
	h := affinity(3, []byte(q.Method+" "+q.route.tail))
	if q.body != nil {
		for piece := range q.body.memory() {
			h = mix(h^affinity(4, piece), 0xd1b54a32d192ed03)
		}
		h = mix(h^uint64(q.body.file.length()), 0xd1b54a32d192ed03)
	}
	return max(h, 1)
}

// affinity hashes text. The hash is the same in every process and on every
// machine, so that replicas send like prompts the same way. It is never 0. It is
// no protection against those who look for collisions; all they would win is to
// share a deployment with someone.
func affinity(kind uint64, text []byte) uint64 {
	const k0, k1 = 0x9e3779b97f4a7c15, 0xd1b54a32d192ed03
	h := kind ^ uint64(len(text))*k1
	for len(text) >= 8 {
		h = mix(h^binary.LittleEndian.Uint64(text), k0)
		text = text[8:]
	}
	var last [8]byte
	copy(last[:], text)
	h = mix(h^binary.LittleEndian.Uint64(last[:]), k1)
	return max(mix(h, k0), 1)
}

// mix folds the product of two words into one.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}
