package eventapi

import "strings"

// Coded reports whether an escaped path is one of the event proxy's own routes that
// need an event's code. Its playground stood on an origin of its own, and its service
// answered the pages of every origin.
func Coded(path string) bool {
	first, rest := segment(path)
	second, behind := segment(rest)
	switch {
	case first == "api" && second == "v1", first == "v1" && second == "api":
		switch strings.Trim(behind, "/") {
		case "eventinfo", "playground", "chat/completions":
			return true
		}
	case first == "api":
		switch strings.Trim(rest, "/") {
		case "eventinfo", "oai_prompt", "playground":
			return true
		}
	}
	return false
}
