package op

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

// frames are so many frames of MPEG audio of a header and a length.
func frames(header string, length, n int) []byte {
	return bytes.Repeat(append([]byte(header), make([]byte, length-4)...), n)
}

// ogg is a page of packets, of which none is longer than 254 bytes.
func ogg(flags byte, packets ...string) []byte {
	p := append([]byte("OggS\x00"), flags)
	p = append(p, make([]byte, 20)...)
	p = append(p, byte(len(packets)))
	for _, packet := range packets {
		p = append(p, byte(len(packet)))
	}
	return append(p, strings.Join(packets, "")...)
}

// The frames tell how long sound is, whatever its headers claim and however it is coded;
// where they do not, nothing is said.
func TestWalk(t *testing.T) {
	tag := append([]byte("ID3\x04\x00\x00\x00\x00\x02\x00"), make([]byte, 256)...)
	slow := frames("\xff\xf3\x14\xc4", 24, 500)  // 8 kbit/s at 24 kHz: 24 ms each
	fast := frames("\xff\xfb\xe0\xc4", 1044, 10) // 320 kbit/s at 44.1 kHz: 26 ms each
	opus := append(ogg(2, "OpusHead\x01\x01"), ogg(0, "OpusTags")...)
	long := strings.Repeat("x", 200)
	half := ogg(0, "\x08"+long)
	half[27] = 255 // goes on in the next page
	half = append(half, make([]byte, 255-201)...)
	for name, c := range map[string]struct {
		file    []byte
		seconds int64
		ok      bool
	}{
		"MP3":                           {frames("\xff\xf3\x44\xc4", 96, 100), 3, true},                             // 2.4 s
		"MP3 behind a tag":              {append(bytes.Clone(tag), frames("\xff\xf3\x44\xc4", 96, 50)...), 2, true}, // 1.2 s
		"MP3 that begins loudly":        {append(bytes.Clone(fast), slow...), 13, true},                             // 0.26 s and 12 s
		"MP3 with a tag at its end":     {append(bytes.Clone(slow), append([]byte("TAG"), make([]byte, 125)...)...), 12, true},
		"MP3 with a little rubbish":     {append(append(bytes.Clone(slow), make([]byte, 1000)...), slow...), 24, true},
		"MPEG layer II":                 {frames("\xff\xfd\x44\x04", 384, 10), 1, true}, // 64 kbit/s at 48 kHz: 24 ms each
		"MPEG layer I":                  {frames("\xff\xff\x24\x04", 64, 10), 1, true},  // 64 kbit/s at 48 kHz: 8 ms each
		"rubbish":                       {append([]byte("ID3"), make([]byte, 10_000)...), 0, false},
		"AAC":                           {frames("\xff\xf1\x50\x80", 100, 10), 0, false},
		"free format":                   {frames("\xff\xfb\x00\xc4", 100, 100), 0, false},
		"Opus":                          {append(bytes.Clone(opus), ogg(0, "\x08xx", "\x08xx", "\x0b\x02")...), 1, true},
		"Opus of long frames":           {append(bytes.Clone(opus), ogg(4, "\x1b\x32x")...), 3, true},                                     // 50 of 60 ms
		"Opus, a minute in few bytes":   {append(bytes.Clone(opus), bytes.Repeat(ogg(0, "\x18", "\x19x", "\x1b\x02"), 200)...), 60, true}, // 60 + 120 + 120 ms
		"Opus, a packet over two pages": {append(append(bytes.Clone(opus), half...), ogg(1, "xx", "\x08x")...), 1, true},
		"two of Opus, chained":          {bytes.Repeat(append(bytes.Clone(opus), bytes.Repeat(ogg(0, "\x08xx"), 100)...), 2), 4, true},
		"Vorbis":                        {append(ogg(2, "\x01vorbis"), ogg(0, "xx")...), 0, false},
		"Ogg with something behind":     {append(append(bytes.Clone(opus), ogg(0, "\x08xx")...), "rubbish"...), 0, false},
		"nothing":                       {nil, 0, false},
	} {
		got, ok := walk(bytes.NewReader(c.file), int64(len(c.file)), c.file)
		if got != c.seconds || ok != c.ok {
			t.Errorf("%s: %d s, %v; want %d, %v", name, got, ok, c.seconds, c.ok)
		}
	}
}

// Whatever a file holds is walked to its end, and is not shorter than no time.
func FuzzWalk(f *testing.F) {
	f.Add(frames("\xff\xf3\x44\xc4", 96, 3))
	f.Add(append(ogg(2, "OpusHead"), ogg(0, "OpusTags", "\x0b")...))
	f.Add(binary.LittleEndian.AppendUint32([]byte("ID3\x04\x00\x00\x7f\x7f\x7f\x7f"), 5))
	f.Fuzz(func(t *testing.T, file []byte) {
		if n, ok := walk(bytes.NewReader(file), int64(len(file)), file); n < 0 || ok && n > int64(len(file))*63 {
			t.Errorf("%d s, %v", n, ok)
		}
	})
}
