package meter

import "bytes"

// events cuts a stream of server-sent events (WHATWG HTML, "Server-sent events")
// that comes in pieces of any size. It never delays or changes the stream; it
// reads a copy. An event that is whole in one piece is not copied; one that is
// split is put together up to maxEvent bytes of data, and a longer one is read on
// the way by a tap alone. The zero value is ready.
type events struct {
	line   []byte // the unfinished line, when a piece ended in it
	data   []byte // the event's data lines put together
	single []byte // the event's only data line so far, inside the current piece
	name   []byte // the event's name
	// A data line that is too long to keep is read by the tap as it comes.
	long tap
	cut
}

// cut is where a piece of the stream ended.
type cut struct {
	lines int  // data lines of the event so far
	open  bool // the event has begun: a line came since the last blank one
	lf    bool // the last line ended in CR: an LF now belongs to it
	begun bool // the stream has begun: no byte order mark any more

	over    bool // the event holds a line that is too long
	reading bool // the piece ended inside a line that is too long
	ignore  bool // and that line is no data
}

// reset makes the reader ready for another stream. It keeps its buffers.
func (e *events) reset() {
	e.line, e.data, e.name, e.single = e.line[:0], e.data[:0], e.name[:0], nil
	e.long.reset()
	e.cut = cut{}
}

// event is one event. Its slices are valid until the next call.
type event struct {
	name, data []byte
	// long has read the data when it was too long to be kept; data is nil then.
	long *tap
}

// maxEvent bounds the data of an event that is put together, in bytes.
const maxEvent = 64 << 10

// next reads from p up to the end of an event. It returns how many bytes it read
// and whether an event ended there; when none did it has read all of p.
func (s *events) next(p []byte) (e event, n int, ok bool) {
	for n < len(p) {
		if s.lf {
			s.lf = false
			if p[n] == '\n' {
				n++
				continue
			}
		}
		line, size, ended := cutLine(p[n:])
		n += size
		if !ended {
			s.carry(line)
			break
		}
		s.lf = p[n-1] == '\r'
		if e, ok := s.endLine(line); ok {
			return e, n, true
		}
	}
	s.settle()
	return event{}, n, false
}

// cutLine returns the line p begins with and the bytes it takes with its end, be
// it LF, CR LF or CR. A CR at the end of p may be followed by its LF.
func cutLine(p []byte) (line []byte, size int, ended bool) {
	lf := bytes.IndexByte(p, '\n')
	if lf >= 0 {
		line = p[:lf]
	} else {
		line = p
	}
	cr := bytes.IndexByte(line, '\r')
	switch {
	case cr >= 0 && cr+1 == lf:
		return p[:cr], lf + 1, true
	case cr >= 0:
		return p[:cr], cr + 1, true
	case lf >= 0:
		return line, lf + 1, true
	}
	return p, len(p), false
}

// carry keeps the beginning of a line whose end has not come.
func (s *events) carry(part []byte) {
	if s.reading {
		s.readLong(part)
		return
	}
	s.line = append(s.line, part...)
	if len(s.line)+len(s.data) <= maxEvent {
		return
	}
	field, value := cutField(s.stripMark(s.line))
	s.reading, s.ignore = true, string(field) != "data"
	if !s.ignore {
		s.lengthen()
		s.long.feed(value)
	}
	s.line = s.line[:0]
}

// readLong reads on in a line that is too long to keep.
func (s *events) readLong(part []byte) {
	if !s.ignore {
		s.long.feed(part)
	}
}

// lengthen turns to reading the event by the tap.
func (s *events) lengthen() {
	s.settle()
	if s.over {
		s.long.feed([]byte{'\n'})
		return
	}
	s.over = true
	s.long.reset()
	if s.lines > 0 {
		s.long.feed(s.data)
		s.long.feed([]byte{'\n'})
	}
}

// endLine takes a line whose end has come: rest is what came of it in this piece.
func (s *events) endLine(rest []byte) (event, bool) {
	if s.reading {
		s.readLong(rest)
		s.reading, s.open = false, true
		return event{}, false
	}
	line := rest
	carried := len(s.line) > 0
	if carried {
		s.line = append(s.line, rest...)
		line = s.line
		s.line = s.line[:0]
	}
	line = s.stripMark(line)
	if len(line) == 0 {
		return s.dispatch()
	}
	s.open = true
	switch field, value := cutField(line); string(field) {
	case "data":
		s.addData(value, carried)
	case "event":
		s.name = append(s.name[:0], value[:min(len(value), 128)]...)
	}
	return event{}, false
}

// stripMark removes the byte order mark that may begin the stream.
func (s *events) stripMark(line []byte) []byte {
	if s.begun {
		return line
	}
	s.begun = true
	return bytes.TrimPrefix(line, []byte("\ufeff"))
}

// addData adds a data line to the event. One that is not carried lies in the
// current piece, and stays there as long as it is the only one.
func (s *events) addData(value []byte, carried bool) {
	if s.over || len(s.data)+len(s.single)+len(value) > maxEvent && (carried || s.lines > 0) {
		s.lengthen()
		s.long.feed(value)
		s.lines++
		return
	}
	s.lines++
	switch {
	case s.lines > 1:
		s.settle()
		s.data = append(append(s.data, '\n'), value...)
	case carried:
		s.data = append(s.data[:0], value...)
	default:
		s.single = value
	}
}

// settle copies what lies in the current piece, so that it outlives it.
func (s *events) settle() {
	if s.single != nil {
		s.data, s.single = append(s.data[:0], s.single...), nil
	}
}

// dispatch ends the event at a blank line. Events without data are none.
func (s *events) dispatch() (event, bool) {
	e := event{name: s.name, data: s.single}
	if e.data == nil {
		e.data = s.data
	}
	ok := s.lines > 0 || s.over
	if s.over {
		e.data, e.long = nil, &s.long
	}
	s.lines, s.single, s.open, s.over = 0, nil, false, false
	s.data, s.name = s.data[:0], s.name[:0]
	return e, ok
}

// end returns the event that the end of the stream cut off from its blank line.
func (s *events) end() (event, bool) {
	if len(s.line) > 0 || s.reading {
		s.endLine(nil)
	}
	return s.dispatch()
}

// boundary reports whether the stream is between two events.
func (s *events) boundary() bool { return !s.open && !s.lf && len(s.line) == 0 && !s.reading }

// cutField cuts a line into field and value; a comment has an empty field.
func cutField(line []byte) (field, value []byte) {
	i := bytes.IndexByte(line, ':')
	if i < 0 {
		return line, nil
	}
	field, value = line[:i], line[i+1:]
	if len(value) > 0 && value[0] == ' ' {
		value = value[1:]
	}
	return field, value
}
