package simulator

import (
	"fmt"
	"net/http"
	"strings"
)

// galleryPrefix is where pictures lie that were asked for as addresses. The service has
// them in a store of its own, for an hour and for whoever knows the address; here the
// address says what they show, so nothing is kept.
const galleryPrefix = adminPrefix + "pictures/"

// address is where whoever sent the request finds the picture.
func (s scene) address(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	flags := 0
	for i, is := range []bool{s.night, s.sea, s.town} {
		if is {
			flags |= 1 << i
		}
	}
	return fmt.Sprintf("%s://%s%s%016x%016x%d-%dx%d.png", scheme, r.Host, galleryPrefix, s.seed, s.prompt, flags, s.width, s.height)
}

// serveGallery answers with the picture of an address.
func serveGallery(w http.ResponseWriter, r *http.Request) {
	var s scene
	var flags, width, height int
	name := strings.TrimPrefix(r.URL.Path, galleryPrefix)
	n, err := fmt.Sscanf(name, "%16x%16x%1d-%dx%d.png", &s.seed, &s.prompt, &flags, &width, &height)
	s.width, s.height = pixels(fmt.Sprintf("%dx%d", width, height))
	if n != 5 || err != nil || r.Method != http.MethodGet || s.width != width || s.height != height {
		http.NotFound(w, r)
		return
	}
	s.night, s.sea, s.town = flags&1 > 0, flags&2 > 0, flags&4 > 0
	w.Header().Set("Content-Type", "image/png")
	w.Write(s.paint("png"))
}
