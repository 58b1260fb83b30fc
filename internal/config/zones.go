package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// Zone returns the time zone of a name in the IANA database, such as Europe/Stockholm.
// The error says which was probably meant by a name that is none. Local is none: it
// differs between machines.
func Zone(name string) (*time.Location, error) {
	if name != "" && name != "Local" {
		if at, err := time.LoadLocation(name); err == nil {
			return at, nil
		}
	}
	message := fmt.Sprintf("%.80q is not a time zone such as Europe/Stockholm", name)
	if near := nearZone(name); near != "" {
		message += "; " + tree.DidYouMean(near)
	}
	return nil, fmt.Errorf("%s", message)
}

// nearZone is the common zone that was probably meant: also by its city alone, as in
// Tokyo for Asia/Tokyo.
func nearZone(name string) string {
	if strings.Contains(name, "/") {
		return tallygate.Nearest(name, commonZones)
	}
	cities := make([]string, len(commonZones))
	for i, zone := range commonZones {
		cities[i] = zone[strings.LastIndexByte(zone, '/')+1:]
	}
	near := tallygate.Nearest(name, cities)
	for i, city := range cities {
		if near != "" && city == near {
			return commonZones[i]
		}
	}
	return tallygate.Nearest(name, commonZones)
}

// commonZones are the zones that a misspelt one is compared with.
var commonZones = []string{
	"UTC", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Stockholm", "Europe/Oslo", "Europe/Copenhagen",
	"Europe/Helsinki", "Europe/Berlin", "Europe/Paris", "Europe/Amsterdam", "Europe/Brussels", "Europe/Zurich",
	"Europe/Vienna", "Europe/Madrid", "Europe/Rome", "Europe/Prague", "Europe/Warsaw", "Europe/Budapest",
	"Europe/Bucharest", "Europe/Athens", "Europe/Kyiv", "Europe/Istanbul", "Europe/Moscow", "Africa/Cairo",
	"Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi", "Asia/Jerusalem", "Asia/Riyadh", "Asia/Dubai",
	"Asia/Karachi", "Asia/Kolkata", "Asia/Dhaka", "Asia/Bangkok", "Asia/Jakarta", "Asia/Singapore",
	"Asia/Kuala_Lumpur", "Asia/Hong_Kong", "Asia/Shanghai", "Asia/Taipei", "Asia/Manila", "Asia/Seoul", "Asia/Tokyo",
	"Australia/Perth", "Australia/Brisbane", "Australia/Sydney", "Australia/Melbourne", "Pacific/Auckland",
	"America/Sao_Paulo", "America/Argentina/Buenos_Aires", "America/Bogota", "America/Mexico_City", "America/New_York",
	"America/Toronto", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
	"America/Vancouver", "America/Anchorage", "Pacific/Honolulu",
}
