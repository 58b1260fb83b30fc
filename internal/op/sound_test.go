package op

import (
	"encoding/binary"
	"strings"
	"testing"
)

// waveHead is the header of a WAV file.
func waveHead(kind, channels uint16, hertz uint32, bits uint16, more ...byte) []byte {
	h := append([]byte("RIFF\x00\x00\x00\x00WAVEfmt "), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(h[16:], uint32(16+len(more)))
	h = binary.LittleEndian.AppendUint16(h, kind)
	h = binary.LittleEndian.AppendUint16(h, channels)
	h = binary.LittleEndian.AppendUint32(h, hertz)
	h = binary.LittleEndian.AppendUint32(h, 1) // what nobody goes by
	h = binary.LittleEndian.AppendUint16(h, 1)
	h = binary.LittleEndian.AppendUint16(h, bits)
	return append(append(h, more...), "data\x00\x00\x00\x00"...)
}

// The length of sound is what its header tells where that decides it, and else bounded by
// the lowest bit rate of its container; nothing that the client claims makes it shorter.
func TestLength(t *testing.T) {
	extensible := append([]byte{22, 0, 16, 0, 3, 0, 0, 0, 1, 0}, make([]byte, 14)...)
	for name, c := range map[string]struct {
		head         []byte
		size         int64
		most, likely int64
	}{
		"WAV":                        {waveHead(1, 1, 16_000, 16), 253_162, 8, 8},
		"stereo WAV":                 {waveHead(1, 2, 44_100, 16), 1_764_000, 10, 10},
		"WAV of floats":              {waveHead(3, 1, 48_000, 32), 192_000, 1, 1},
		"extensible WAV":             {waveHead(0xfffe, 2, 48_000, 16, extensible...), 192_000, 1, 1},
		"compressed WAV":             {waveHead(2, 1, 8000, 4), 100_000, 100, 13},
		"WAV that claims absurdly":   {waveHead(1, 16, 1<<31, 64), 100_000, 100, 13},
		"WAV with nothing a second":  {waveHead(1, 0, 0, 0), 100_000, 100, 13},
		"WAV cut short":              {[]byte("RIFF\x00\x00\x00\x00WAVEfmt "), 100_000, 100, 13},
		"MP3 of 128 kbit/s":          {[]byte{0xff, 0xfb, 0x90, 0}, 1_600_000, 1600, 100},
		"MP3 of 32 kbit/s":           {[]byte{0xff, 0xf3, 0x40, 0}, 400_000, 400, 100},
		"MP3 behind a tag":           {append([]byte("ID3\x04\x00\x00\x00\x00\x00\x04xxxx"), 0xff, 0xfb, 0x90, 0), 1_600_000, 1600, 100},
		"MP3 behind a picture":       {[]byte("ID3\x04\x00\x00\x7f\x7f\x7f\x7f"), 80_000, 80, 10},
		"FLAC":                       {[]byte("fLaC"), 400_000, 2667, 10},
		"Ogg":                        {[]byte("OggS"), 40_000, 80, 10},
		"what nobody knows":          {nil, 40_000, 80, 10},
		"nothing":                    {nil, 0, 0, 0},
		"text that calls itself WAV": {[]byte("RIFF" + strings.Repeat("x", 100)), 40_000, 80, 10},
	} {
		if got := length(c.head, c.size); got != (sound{c.most, c.likely}) {
			t.Errorf("%s: %+v, want %d, %d", name, got, c.most, c.likely)
		}
	}
}

// Whatever a file begins with, its length is read without harm, is likely no more than at
// most, and at least what any plain sound of so many bytes has.
func FuzzLength(f *testing.F) {
	f.Add(waveHead(1, 1, 16_000, 16), int64(1000))
	f.Add([]byte("ID3\x04\x00\x00\x7f\x7f\x7f\x7f\xff\xfb\x90"), int64(1<<40))
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVELIST\xff\xff\xff\xff"), int64(-1))
	f.Fuzz(func(t *testing.T, head []byte, size int64) {
		size = min(size, 1<<50)
		got := length(head, size)
		if got.likely > got.most || got.likely < 0 || size > 0 && got.most < 1 {
			t.Errorf("%q, %d bytes: %+v", head, size, got)
		}
	})
}
