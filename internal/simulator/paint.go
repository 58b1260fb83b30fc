package simulator

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// scene is what a picture shows: the same for the same prompt.
type scene struct {
	seed, prompt  uint64
	night, sea    bool
	town          bool
	width, height int
}

// sceneOf reads what a prompt wants to see, as far as that can be drawn here.
func sceneOf(prompt, size string, seed, hash uint64) scene {
	text := strings.FieldsFunc(strings.ToLower(prompt), notLetter)
	has := func(words ...string) bool {
		return slices.ContainsFunc(text, func(w string) bool { return slices.Contains(words, strings.TrimSuffix(w, "s")) })
	}
	s := scene{
		seed: seed, prompt: hash, night: has("night", "moon", "star", "dark", "space"),
		sea:  has("sea", "ocean", "beach", "boat", "ship", "lake", "lighthouse", "island", "water"),
		town: has("city", "town", "street", "skyline", "building", "house", "office"),
	}
	s.width, s.height = pixels(size)
	return s
}

// pixels are those of a size; of what the service is left to choose, a square.
func pixels(size string) (width, height int) {
	switch size {
	case "256x256":
		return 256, 256
	case "512x512":
		return 512, 512
	case "1792x1024":
		return 1792, 1024
	case "1024x1792":
		return 1024, 1792
	case "1536x1024":
		return 1536, 1024
	case "1024x1536":
		return 1024, 1536
	}
	return 1024, 1024
}

// The palette: bands of sky, then what stands before it.
const (
	skies   = 48
	light   = skies // sun or moon
	near    = 4     // layers of land or sea, far to near
	windows = light + 1 + near
)

// paint draws a scene. There is no encoder for WebP, so that is a PNG.
func (s scene) paint(format string) []byte {
	img := s.draw()
	var b bytes.Buffer
	if strings.EqualFold(format, "jpeg") {
		jpeg.Encode(&b, img, nil) // a bytes.Buffer does not fail
	} else {
		(&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img)
	}
	return b.Bytes()
}

func (s scene) draw() *image.Paletted {
	rng := rand.New(rand.NewPCG(s.seed, s.prompt))
	img := image.NewPaletted(image.Rect(0, 0, s.width, s.height), s.palette(rng))
	horizon := s.height * 62 / 100
	for y := range s.height {
		band := uint8(min(y*skies/horizon, skies-1))
		row := img.Pix[y*img.Stride : y*img.Stride+s.width]
		for x := range row {
			row[x] = band
		}
	}
	if s.night {
		for range 160 {
			img.SetColorIndex(rng.IntN(s.width), rng.IntN(horizon), light)
		}
	}
	side := min(s.width, s.height)
	disc(img, s.width/5+rng.IntN(s.width*3/5), side/6+rng.IntN(side/5), side/14+rng.IntN(side/20))
	for layer := range near {
		s.layer(rng, img, layer, horizon+layer*(s.height-horizon)*24/100)
	}
	return img
}

// palette is a sky that runs from one colour into another, and land that darkens.
func (s scene) palette(rng *rand.Rand) color.Palette {
	hue, warm := 185+rng.Float64()*160, 20+rng.Float64()*40
	top, low := 0.62, 0.86
	if s.night {
		hue, top, low = 220+rng.Float64()*50, 0.08, 0.30
	}
	var p color.Palette
	for i := range skies {
		at := float64(i) / (skies - 1)
		p = append(p, hsl(hue+at*warm, 0.55, top+(low-top)*at))
	}
	p = append(p, hsl(48, 0.9, 0.9))
	land := 90 + rng.Float64()*80
	if s.sea {
		land = 190 + rng.Float64()*25
	}
	for i := range near {
		p = append(p, hsl(land+float64(i)*6, 0.38, max(0.2, low-0.28)*(1-float64(i)*0.19)))
	}
	return append(p, hsl(45, 0.9, 0.68))
}

// layer fills what is below a silhouette: waves, hills or houses.
func (s scene) layer(rng *rand.Rand, img *image.Paletted, layer, top int) {
	side := float64(min(s.width, s.height))
	tall, long := side*(0.05+rng.Float64()*0.07), side*(0.25+rng.Float64()*0.3)
	if s.sea && layer > 0 {
		tall, long = side*0.008, side*0.09
	}
	phase := rng.Float64() * 2 * math.Pi
	roof, from, to := 0, 0, 0 // of the house at x
	for x := range s.width {
		at := float64(x)/long*2*math.Pi + phase
		rise := tall * (math.Sin(at) + 0.4*math.Sin(2.3*at+1))
		if s.town && layer < 2 {
			if x >= to {
				roof, from, to = rng.IntN(int(side)/5)+int(side)/40, x, x+int(side)/20+rng.IntN(int(side)/16)
			}
			rise = float64(roof)
		}
		for y := max(0, top-int(rise)); y < s.height; y++ {
			img.Pix[y*img.Stride+x] = uint8(light + 1 + layer)
			if s.town && layer < 2 && y < top && lit(x-from, to-x, y-top+roof) {
				img.Pix[y*img.Stride+x] = windows
			}
		}
	}
}

// lit reports whether there is a lit window, so far from the house's walls and its roof.
func lit(left, right, down int) bool {
	const wide, high = 18, 26
	return left%wide >= 8 && down%high >= 12 && right > 8 && (left/wide*31+down/high*17+right+left)%5 < 2
}

// disc draws the sun or the moon.
func disc(img *image.Paletted, cx, cy, r int) {
	for y := max(0, cy-r); y <= cy+r; y++ {
		for x := max(0, cx-r); x <= cx+r; x++ {
			if (x-cx)*(x-cx)+(y-cy)*(y-cy) <= r*r && image.Pt(x, y).In(img.Rect) {
				img.SetColorIndex(x, y, light)
			}
		}
	}
}

// hsl is a colour by its hue in degrees, saturation and lightness.
func hsl(h, s, l float64) color.RGBA {
	h = math.Mod(h, 360)
	part := func(n float64) uint8 {
		k := math.Mod(n+h/30, 12)
		return uint8(255 * (l - s*min(l, 1-l)*max(-1, min(k-3, 9-k, 1))))
	}
	return color.RGBA{part(0), part(8), part(4), 0xff}
}
