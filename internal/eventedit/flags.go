package eventedit

import "strings"

// Flag is a key of an event that has a flag. An empty value takes the key away.
type Flag struct {
	Name, Usage string
	Read        func(string) (any, error)
}

// Key is how the definition calls it.
func (f *Flag) Key() string { return strings.ReplaceAll(f.Name, "-", "_") }

// Flags are in the order of the help.
var Flags = []Flag{
	{"code", "`code` that attendees share: 6 to 20 characters", typedCode},
	{"zone", "time `zone` where it takes place", words},
	{"models", "`models` it offers, separated by commas; * stands for any text", several},
	{"chat", "`model` for requests that name none", words},
	{"max-tokens", "most completion `tokens` of an answer; 0 is no cap", figure},
	{"allow", "what requests may `reach` beyond their prompts, of tools, images, files, data_sources", several},
	{"seats", "`number` of people who may sign up; the others wait", figure},
	{"per-address", "`number` of names in an hour, and of seats, that one address may have; 0 is the usual", figure},
	{"domains", "e-mail `domains` of those who may sign up", several},
	{"roster", "`people` who may sign up, by e-mail address or name, or @file with one a line", roster},
	{"markdown", "`text` of the sign-up page in Markdown, or @file", textOrFile},
	{"logo", "https `address` of a picture on it, or @file with one of 64 KiB at most", picture},
	{"url", "`address` of a page for attendees", words},
	{"url-text", "`text` of the link to it", words},
	{"organizer", "`whom` to ask, as Ann <ann@example.com>", organiser},
	{"prompts", "`suggestions` in the playground, each as TITLE: TEXT in a line of its own, or @file with such lines or with YAML", suggestions},
	{"system-message", "`text` that a new chat in the playground begins with, or @file", textOrFile},
	{"forget-after", "`days` after its end at which names of attendees are anonymised", figure},
}
