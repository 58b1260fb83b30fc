package simulator

import (
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

// writer writes an answer about what was asked. It is deterministic in its rng.
type writer struct {
	rng *rand.Rand
	out strings.Builder
	// topics are the message's words of weight; there is at least one.
	topics []string
	used   int      // of topics
	order  []string // the sentences, shuffled anew each time around
	next   int      // in order
}

// compose writes an answer to a message: of its natural length, or of exactly n pieces
// when n is not negative.
func compose(rng *rand.Rand, message string, n int64) string {
	w := &writer{rng: rng, topics: topics(message), order: sentences()}
	w.open(message)
	switch {
	case isGreeting(message) && n < 0:
		return w.out.String()
	case asksForCode(message):
		w.code()
	case w.rng.IntN(3) == 0:
		w.list()
	}
	w.paragraph(2 + w.rng.IntN(3))
	if n < 0 {
		if w.rng.IntN(2) == 0 {
			w.out.WriteString("\n\n" + w.fill(pick(w.rng, closings())))
		}
		return w.out.String()
	}
	for have := countPieces(w.out.String()); have < n; {
		before := w.out.Len()
		w.out.WriteString("\n\n")
		w.paragraph(3 + w.rng.IntN(4))
		have += countPieces(w.out.String()[before:]) - 1 // the seam may fuse two
	}
	return cutPieces(w.out.String(), n)
}

func (w *writer) open(message string) {
	if isGreeting(message) {
		w.out.WriteString(pick(w.rng, greetings()))
		return
	}
	w.out.WriteString(w.fill(pick(w.rng, openings())))
}

// paragraph writes n sentences after what is there.
func (w *writer) paragraph(n int) {
	for range n {
		if w.next%len(w.order) == 0 {
			w.order = shuffled(w.rng, sentences())
		}
		if !strings.HasSuffix(w.out.String(), "\n") {
			w.out.WriteByte(' ')
		}
		w.out.WriteString(w.fill(w.order[w.next%len(w.order)]))
		w.next++
	}
}

func (w *writer) list() {
	w.out.WriteString("\n\n")
	for i, p := range shuffled(w.rng, points())[:3+w.rng.IntN(2)] {
		if i > 0 {
			w.out.WriteByte('\n')
		}
		w.out.WriteString("- " + w.fill(p))
	}
	w.out.WriteString("\n\n")
}

func (w *writer) code() {
	name := identifier(w.topics[0])
	w.out.WriteString("\n\n" + strings.ReplaceAll(pick(w.rng, snippets()), "NAME", name) + "\n\n")
}

// fill puts the next topic where a sentence leaves room for one.
func (w *writer) fill(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	topic := w.topics[0]
	if w.used++; w.used%3 == 0 { // now and then another word of the question
		topic = w.topics[w.used/3%len(w.topics)]
	}
	s = strings.ReplaceAll(s, "%", topic)
	first, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[n:]
}

func pick(rng *rand.Rand, from []string) string { return from[rng.IntN(len(from))] }

func shuffled(rng *rand.Rand, s []string) []string {
	rng.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
	return s
}

// topics returns up to four words of the message that carry its meaning.
func topics(message string) []string {
	var out []string
	head := message[:runeEnd(message, 0, min(len(message), 4000))]
	for word := range strings.FieldsFuncSeq(head, notLetter) {
		lower := strings.ToLower(word)
		if len(word) < 4 || len(word) > 24 || isFiller(lower) || contains(out, lower) {
			continue
		}
		if out = append(out, lower); len(out) == 4 {
			break
		}
	}
	if len(out) == 0 {
		out = []string{"your question"}
	}
	return out
}

func notLetter(r rune) bool {
	return r < 0x80 && !(r|0x20 >= 'a' && r|0x20 <= 'z') && r != '-'
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// isFiller reports whether a lower-case word says nothing about a message's topic.
func isFiller(word string) bool {
	const fillers = " about also answer been being best code could describe does each every example explain from " +
		"function give golang have hello help here into javascript just know like line lines list make many more " +
		"most much need only other over please poem python script sentence sentences short should show simple " +
		"some story such sure tell than that their them then there these they thing this those very want what " +
		"when where which while will with word words would write your "
	return strings.Contains(fillers, " "+word+" ")
}

func isGreeting(message string) bool {
	first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(message)), " ")
	switch strings.TrimRight(first, "!,.?") {
	case "hello", "hi", "hey", "ping", "hola", "bonjour", "hallo":
		return len(message) < 40
	}
	return false
}

func asksForCode(message string) bool {
	m := strings.ToLower(message[:min(len(message), 4000)])
	for _, word := range [...]string{"code", "function", "python", "script", "golang", "javascript", "program"} {
		if strings.Contains(m, word) {
			return true
		}
	}
	return false
}

// identifier makes a word usable as a name in a program.
func identifier(topic string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r
		case r == ' ' || r == '-':
			return '_'
		}
		return -1
	}, topic)
	if name == "" {
		return "answer"
	}
	return name
}
