package simulator

import (
	"bytes"
	"encoding/binary"
)

// audioSeconds is how long a file plays, as its own headers say: those of WAV, of MP3's
// frames and of Ogg's last page. Anything else is taken for 128 kbit/s.
func audioSeconds(file []byte) float64 {
	const bytesPerSecond = 16_000
	for _, read := range []func([]byte) (float64, bool){waveSeconds, mp3Seconds, oggSeconds} {
		if s, ok := read(file); ok {
			return s
		}
	}
	return float64(len(file)) / bytesPerSecond
}

func waveSeconds(file []byte) (float64, bool) {
	if len(file) < 12 || string(file[:4]) != "RIFF" || string(file[8:12]) != "WAVE" {
		return 0, false
	}
	rate := uint32(0)
	for rest := file[12:]; len(rest) >= 8; {
		id, size := string(rest[:4]), uint64(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[8:]
		switch {
		case id == "fmt " && size >= 12 && len(rest) >= 12:
			rate = binary.LittleEndian.Uint32(rest[8:])
		case id == "data" && rate > 0: // a stream's header may claim more than there is
			return float64(min(size, uint64(len(rest)))) / float64(rate), true
		}
		if size += size & 1; size >= uint64(len(rest)) {
			break
		}
		rest = rest[size:]
	}
	return 0, false
}

// mp3Seconds adds up the frames of layer III, behind a tag if there is one. It gives up
// where the first few are none.
func mp3Seconds(file []byte) (float64, bool) {
	if len(file) > 10 && string(file[:3]) == "ID3" {
		size := int(file[6]&0x7f)<<21 | int(file[7]&0x7f)<<14 | int(file[8]&0x7f)<<7 | int(file[9]&0x7f)
		file = file[min(len(file), 10+size):]
	}
	seconds, frames := 0.0, 0
	for len(file) >= 4 {
		length, lasts := mp3Frame(file)
		if length == 0 {
			break
		}
		seconds, frames = seconds+lasts, frames+1
		file = file[min(len(file), length):]
	}
	return seconds, frames > 2
}

// mp3Frame returns the bytes of a frame and how long it plays; 0 where none begins.
func mp3Frame(b []byte) (length int, seconds float64) {
	if b[0] != 0xff || b[1]&0xe6 != 0xe2 { // eleven bits of sync, layer III
		return 0, 0
	}
	version, rate, hz := b[1]>>3&3, int(b[2]>>4), int(b[2]>>2&3)
	if version == 1 || rate == 0 || rate == 15 || hz == 3 {
		return 0, 0
	}
	samples, kbits := 576, []int{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}
	sampled := []int{44_100, 48_000, 32_000}[hz] >> (3 - max(version, 2))
	switch version {
	case 3: // MPEG-1
		samples, kbits = 1152, []int{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}
	case 0: // MPEG-2.5
		sampled /= 2
	}
	return samples/8*kbits[rate]*1000/sampled + int(b[2]>>1&1), float64(samples) / float64(sampled)
}

// oggSeconds reads the last page's place, in samples of Opus or of Vorbis.
func oggSeconds(file []byte) (float64, bool) {
	last := bytes.LastIndex(file, []byte("OggS"))
	if !bytes.HasPrefix(file, []byte("OggS")) || last+14 > len(file) {
		return 0, false
	}
	rate := 48_000.0
	if at := bytes.Index(file[:min(len(file), 256)], []byte("\x01vorbis")); at > 0 && at+16 <= len(file) {
		rate = float64(binary.LittleEndian.Uint32(file[at+12:]))
	}
	samples := float64(binary.LittleEndian.Uint64(file[last+6:]))
	if seconds := samples / rate; rate > 0 && seconds > 0 && seconds < 86_400 {
		return seconds, true
	}
	return 0, false
}
