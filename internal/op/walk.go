package op

import (
	"bytes"
	"io"
	"strings"
)

// How long compressed sound is, frame by frame, as who plays it goes by: what a header
// claims of the whole is not believed, since the service does not believe it either.

// walk returns the length of a file of sound in seconds, rounded up, and whether its
// frames tell it: of MP3, and of Opus in Ogg.
func walk(file io.ReaderAt, size int64, head []byte) (seconds int64, ok bool) {
	switch {
	case bytes.HasPrefix(head, []byte("OggS")):
		return opusLength(file, size)
	case bytes.HasPrefix(head, []byte("ID3")), len(head) >= 2 && head[0] == 0xff && head[1]&0xe0 == 0xe0:
		return mpegLength(file, size)
	}
	return 0, false
}

// mpegLength walks over the frames of MPEG audio. Bytes between frames are passed over, as
// players do; where there are many of them, nothing is said.
func mpegLength(file io.ReaderAt, size int64) (seconds int64, ok bool) {
	const second = 14_112_000 // in ticks, of which a sample of any rate is a whole number
	at, lost := int64(0), int64(0)
	var b [10]byte
	if n, _ := file.ReadAt(b[:], 0); n == len(b) && string(b[:3]) == "ID3" { // its size is in bytes of seven bits
		at = 10 + int64(b[6]&0x7f)<<21 + int64(b[7]&0x7f)<<14 + int64(b[8]&0x7f)<<7 + int64(b[9]&0x7f)
	}
	var ticks int64
	for at+4 <= size {
		if _, err := file.ReadAt(b[:4], at); err != nil {
			return 0, false
		}
		length, samples, rate := mpegFrame(b[:4])
		if length == 0 {
			if at++; at < size-128 { // behind the last frame there may be a tag
				lost++
			}
			if lost > 4096 {
				return 0, false
			}
			continue
		}
		at += length
		ticks += samples * (second / rate)
	}
	return (ticks + second - 1) / second, ticks > 0
}

// mpegFrame reads the header of a frame: its length in bytes, its samples and how many of
// these there are in a second; 0 when it is none, or one whose length is not said.
func mpegFrame(h []byte) (length, samples, rate int64) {
	version, layer := h[1]>>3&3, h[1]>>1&3 // 3 is version 1, 2 is 2, 0 is 2.5; 3 is layer I, 1 is III
	bits, hertz, padding := h[2]>>4, h[2]>>2&3, int64(h[2]>>1&1)
	if h[0] != 0xff || h[1]&0xe0 != 0xe0 || version == 1 || layer == 0 || bits == 0 || bits == 15 || hertz == 3 {
		return 0, 0, 0
	}
	rate = [...]int64{44_100, 48_000, 32_000}[hertz]
	kbits := [...][15]int64{
		{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448}, // version 1, layer I
		{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},    // layer II
		{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},     // layer III
		{0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},    // version 2, layer I
		{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},         // layers II and III
	}
	row := 3 - int(layer)
	if version != 3 {
		rate /= 2
		if version == 0 {
			rate /= 2
		}
		row = 3 + min(row, 1)
	}
	bytesPerSecond := kbits[row][bits] * 125
	switch {
	case layer == 3:
		return (12*bytesPerSecond*8/rate + padding) * 4, 384, rate
	case layer == 1 && version != 3:
		samples = 576
	default:
		samples = 1152
	}
	return samples*bytesPerSecond/rate + padding, samples, rate
}

// opusLength adds up the packets of Opus in Ogg (RFC 7845, RFC 6716). Where there is
// anything else in the file, nothing is said.
func opusLength(file io.ReaderAt, size int64) (seconds int64, ok bool) {
	var samples int64 // of 48,000 in a second
	var page [27 + 255]byte
	var head [8]byte
	packet, begun := 0, false // of the stream, and whether one goes on from the page before
	for at := int64(0); at < size; {
		if _, err := file.ReadAt(page[:27], at); err != nil || string(page[:4]) != "OggS" {
			return 0, false
		}
		segments := page[27 : 27+int(page[26])]
		if len(segments) > 0 {
			if _, err := file.ReadAt(segments, at+27); err != nil {
				return 0, false
			}
		}
		if page[5]&2 != 0 { // a stream begins; another may be chained behind it
			packet, begun = 0, false
		}
		at += 27 + int64(len(segments))
		for _, n := range segments {
			if !begun {
				k, _ := file.ReadAt(head[:], at)
				switch {
				case k == 0 && n > 0: // it is cut off
					return 0, false
				case packet == 0 && !strings.HasPrefix(string(head[:k]), "OpusHead"):
					return 0, false
				case packet > 1 && n > 0:
					samples += opusSamples(head[:min(k, int(n))])
				}
				packet++
			}
			begun = n == 255
			at += int64(n)
		}
	}
	return (samples + 47_999) / 48_000, packet > 2
}

// opusSamples is how long a packet is by its first bytes, in samples at 48 kHz.
func opusSamples(p []byte) int64 {
	config := p[0] >> 3
	var frame int64
	switch {
	case config < 12:
		frame = [...]int64{480, 960, 1920, 2880}[config&3]
	case config < 16:
		frame = [...]int64{480, 960}[config&1]
	default:
		frame = 120 << (config & 3)
	}
	switch p[0] & 3 {
	case 0:
		return frame
	case 3:
		if len(p) < 2 {
			return 0
		}
		return frame * int64(p[1]&0x3f)
	}
	return 2 * frame
}
