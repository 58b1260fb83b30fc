package simulator

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"strings"
)

// hum is a voice without words: a soft note for each word of a text, the same for the
// same word and as long as its share of the text. What it makes is samples of 16 bits.
func hum(text string, samples int) []byte {
	out := make([]byte, 2*samples)
	words := strings.Fields(text)
	letters := 0
	for _, w := range words {
		letters += len(w) + 1
	}
	at, seen := 0, 0
	for _, w := range words {
		seen += len(w) + 1
		end := int(int64(samples) * int64(seen) / int64(letters))
		note(out[2*at:2*end], pitch(w))
		at = end
	}
	return out
}

// pitch is a word's note in Hz, of five that sound well together.
func pitch(word string) float64 {
	h := fnv.New32a()
	h.Write([]byte(word)) // never fails (hash.Hash)
	return 165 * math.Pow(2, []float64{0, 2, 4, 7, 9}[h.Sum32()%5]/12)
}

// note writes one that swells and fades, with a little silence behind it.
func note(out []byte, hz float64) {
	n := len(out) / 2
	for i := range n * 4 / 5 {
		at := float64(i) / float64(n*4/5)
		wave := math.Sin(2*math.Pi*hz*float64(i)/sampleRate) + 0.3*math.Sin(4*math.Pi*hz*float64(i)/sampleRate)
		binary.LittleEndian.PutUint16(out[2*i:], uint16(int16(4500*math.Sin(math.Pi*at)*wave)))
	}
}
