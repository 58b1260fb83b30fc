package meter

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"

	"github.com/tallygate/tallygate/internal/catalog"
	"github.com/tallygate/tallygate/internal/jsontext"
)

const (
	// A picture whose size is not known (it lies somewhere on the web) is taken
	// to have so many pixels each way.
	usualSide = 1024
	// maxSide bounds what a picture's header is believed, in pixels.
	maxSide = 1 << 16
	// maxHeader bounds what is read of a picture to find its size, in bytes;
	// a JPEG's size can stand behind a large preview.
	maxHeader = 512 << 10
)

// picture adds a picture: its URL and detail as JSON.
func (p *prompt) picture(url, detail []byte) {
	low := string(jsontext.Text(detail)) == "low"
	w, h := pictureSize(jsontext.Text(url))
	p.tokens += pictureTokens(p.image, w, h, low)
}

// pictureTokens returns the tokens of a picture of w by h pixels.
func pictureTokens(f *catalog.Image, w, h int, low bool) int64 {
	if f.Multiplier > 0 {
		return int64(math.Ceil(float64(patches(w, h, f.Patches)) * f.Multiplier))
	}
	if low {
		return f.Base
	}
	// It is made to fit a square of 2048 pixels, then its shorter side to have
	// no more than 768.
	fw, fh := float64(w), float64(h)
	if s := 2048 / max(fw, fh); s < 1 {
		fw, fh = fw*s, fh*s
	}
	if s := 768 / min(fw, fh); s < 1 {
		fw, fh = fw*s, fh*s
	}
	return f.Base + f.Tile*tiles(fw, 512)*tiles(fh, 512)
}

// tiles returns how many tiles of that side cover a length. Lengths are results of
// scaling: a millionth of a pixel more is none.
func tiles(length, side float64) int64 { return int64(math.Ceil(length/side - 1e-6)) }

// patches returns how many patches of 32 by 32 pixels cover a picture after it was
// shrunk to need no more than most; 0 is no bound.
func patches(w, h int, most int64) int64 {
	const side = 32
	fw, fh := float64(w), float64(h)
	n := tiles(fw, side) * tiles(fh, side)
	if most <= 0 || n <= most {
		return n
	}
	// Shrink to the area of so many patches, then on to whole patches one way.
	s := math.Sqrt(side * side * float64(most) / (fw * fh))
	across, down := fw*s/side, fh*s/side
	if fit := min(math.Floor(across)/across, math.Floor(down)/down); fit > 0 {
		s *= fit
	}
	return min(most, max(1, tiles(fw*s, side))*max(1, tiles(fh*s, side)))
}

// pictureSize returns the size of the picture in a data URL, the usual one for any
// other URL and for what cannot be read.
func pictureSize(url []byte) (w, h int) {
	_, data, ok := bytes.Cut(url, []byte(";base64,"))
	if !ok || !bytes.HasPrefix(url, []byte("data:")) {
		return usualSide, usualSide
	}
	r := io.LimitReader(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(data)), maxHeader)
	head := make([]byte, 30)
	n, _ := io.ReadFull(r, head)
	head = head[:n]
	c, err := pictureConfig(head, io.MultiReader(bytes.NewReader(head), r))
	if err != nil || c.Width <= 0 || c.Height <= 0 || c.Width > maxSide || c.Height > maxSide {
		return usualSide, usualSide
	}
	return c.Width, c.Height
}

// pictureConfig reads a picture's header from r; head is how it begins.
func pictureConfig(head []byte, r io.Reader) (image.Config, error) {
	switch {
	case bytes.HasPrefix(head, []byte("\x89PNG")):
		return png.DecodeConfig(r)
	case bytes.HasPrefix(head, []byte("\xff\xd8")):
		return jpeg.DecodeConfig(r)
	case bytes.HasPrefix(head, []byte("GIF8")):
		return gif.DecodeConfig(r)
	case len(head) == 30 && bytes.HasPrefix(head, []byte("RIFF")) && string(head[8:12]) == "WEBP":
		return webpConfig(head)
	}
	return image.Config{}, image.ErrFormat
}

// webpConfig reads the size from the first 30 bytes of a WebP picture (RFC 9649),
// whichever of its three forms it has.
func webpConfig(head []byte) (c image.Config, err error) {
	switch string(head[12:16]) {
	case "VP8 ": // lossy: behind the start code
		c.Width = int(binary.LittleEndian.Uint16(head[26:])) & 0x3fff
		c.Height = int(binary.LittleEndian.Uint16(head[28:])) & 0x3fff
	case "VP8L": // lossless: 14 bits each, behind the signature
		bits := binary.LittleEndian.Uint32(head[21:])
		c.Width = int(bits&0x3fff) + 1
		c.Height = int(bits>>14&0x3fff) + 1
	case "VP8X": // extended: 24 bits each
		c.Width = int(head[24]) | int(head[25])<<8 | int(head[26])<<16 + 1
		c.Height = int(head[27]) | int(head[28])<<8 | int(head[29])<<16 + 1
	default:
		err = image.ErrFormat
	}
	return c, err
}
