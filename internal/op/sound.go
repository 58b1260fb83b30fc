package op

import (
	"bytes"
	"encoding/binary"

	"github.com/tallygate/tallygate/internal/wire"
)

// sound is how long a file of sound is: at most, and likely, in seconds.
type sound struct{ most, likely int64 }

// rates are the bytes a second of a container: the fewest that its encoders make of
// speech, and what they usually do.
type rates struct{ least, usual int64 }

// length bounds the length of a file of sound of so many bytes by how it begins. Where
// the header tells the length, as that of plain WAV does, it is that; else the lowest
// bit rate of the container counts, whatever the client calls it.
func length(head []byte, size int64) sound {
	r := rates{500, 4000} // Opus at 6 kbit/s with its silence left out; and at 32
	switch {
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WAVE":
		if rate, before := waveRate(head); rate > 0 {
			return sound{seconds64(size-before, rate), seconds64(size-before, rate)}
		}
		r = rates{1000, 8000} // compressed: GSM has 1,625
	case bytes.HasPrefix(head, []byte("ID3")), len(head) >= 2 && head[0] == 0xff && head[1]&0xe0 == 0xe0:
		r = rates{1000, 8000} // MP3: 8 and 64 kbit/s
		if rate := mp3Rate(head); rate > 0 {
			r.usual = rate
		}
	case bytes.HasPrefix(head, []byte("fLaC")):
		r = rates{150, 40_000} // silence is next to nothing, frame headers are not
	}
	return sound{seconds64(size, r.least), seconds64(size, r.usual)}
}

// seconds64 is how long so many bytes take, rounded up.
func seconds64(size, rate int64) int64 { return (max(size, 0) + rate - 1) / rate }

// waveRate returns the bytes a second of plain samples, by the fields that players go
// by, and how many bytes there are before the samples, as far as they can be seen; 0 when
// the file holds something else, or its header makes no sense.
func waveRate(head []byte) (rate, before int64) {
	for at := 12; at+8 <= len(head); {
		size := int64(binary.LittleEndian.Uint32(head[at+4:]))
		id := string(head[at : at+4])
		switch {
		case id == "data" && rate > 0:
			return rate, int64(at + 8)
		case id == "fmt " && rate == 0:
			if rate = waveFormat(head[at:]); rate == 0 {
				return 0, 0
			}
		}
		if size > int64(len(head)) {
			break
		}
		at += 8 + int(size+size%2)
	}
	return rate, 0
}

// waveFormat returns the bytes a second that the chunk fmt says.
func waveFormat(chunk []byte) int64 {
	if len(chunk) < 24 {
		return 0
	}
	f := chunk[8:]
	kind, channels := binary.LittleEndian.Uint16(f), int64(binary.LittleEndian.Uint16(f[2:]))
	hertz, bits := int64(binary.LittleEndian.Uint32(f[4:])), int64(binary.LittleEndian.Uint16(f[14:]))
	if kind == 0xfffe && len(f) >= 26 { // extensible: the true kind is further down
		kind = binary.LittleEndian.Uint16(f[24:])
	}
	if kind != 1 && kind != 3 || channels < 1 || channels > 16 || hertz < 1000 || hertz > 384_000 || bits < 8 || bits > 64 {
		return 0
	}
	return channels * hertz * bits / 8
}

// mp3Rate returns the bytes a second of the first frame of MP3; 0 when there is none
// in sight.
func mp3Rate(head []byte) int64 {
	at := 0
	if len(head) >= 10 && string(head[:3]) == "ID3" { // its size is in bytes of seven bits
		at = 10 + int(head[6]&0x7f)<<21 + int(head[7]&0x7f)<<14 + int(head[8]&0x7f)<<7 + int(head[9]&0x7f)
	}
	if at+4 > len(head) || head[at] != 0xff || head[at+1]&0xe6 != 0xe2 { // layer III
		return 0
	}
	low := [...]int64{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0}
	high := [...]int64{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0}
	if head[at+1]&0x18 == 0x18 { // version 1
		return high[head[at+2]>>4] * 125
	}
	return low[head[at+2]>>4] * 125
}

// largestSound is the largest file of sound that the service takes, in bytes.
const largestSound = 25 << 20

// soundOf bounds the length of the sound in a request. Where all of its frames can be seen
// it is what they last. A body that could not be read
// may be all sound.
func soundOf(ask *wire.Request) sound {
	if form, ok := ask.Form(); ok {
		if file := ask.File(); file != nil && file.Size() <= largestSound {
			if n, ok := walk(file, file.Size(), form.Head); ok {
				return sound{n, n}
			}
		}
		if form.Files > 1 { // the sound may be any of them
			return length(nil, form.FileBytes)
		}
		return length(form.Head, form.FileBytes)
	}
	if ask.BodyBytes <= 0 { // nobody knows
		return length(nil, largestSound)
	}
	return length(nil, ask.BodyBytes)
}
