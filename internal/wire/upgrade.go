package wire

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/tallygate/tallygate"
)

// checkUpgrade refuses to change the protocol. An offer of HTTP/2 may be passed over,
// which is what clients that make it expect; whoever asks for a socket could do nothing
// with another answer.
func checkUpgrade(h http.Header) error {
	for _, line := range h["Upgrade"] {
		for word := range strings.SplitSeq(line, ",") {
			name, _, _ := strings.Cut(strings.TrimSpace(word), "/")
			switch strings.ToLower(name) {
			case "", "h2c", "h2", "http", "tls":
			default:
				return &tallygate.Error{
					Kind: tallygate.NotImplemented, Code: "UpgradeNotSupported",
					Message: "This gateway does not serve " + strconv.Quote(clip(name, 32)) + " connections yet. Ask without Upgrade: realtime sessions and responses over a socket need the resource itself.",
				}
			}
		}
	}
	return nil
}
