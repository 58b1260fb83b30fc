package wire

import "os"

// spill is the beginning of a body in a file that has no name any more: nobody else can
// open it, and it is gone with the process.
type spill struct {
	f    *os.File
	size int64
}

// SpillPattern is what the names of spill files begin with, for the moment that they
// have one.
const SpillPattern = "body-"

// newSpill returns an empty file in dir, nil when there can be none.
func newSpill(dir string) *spill {
	f, err := os.CreateTemp(dir, SpillPattern) // 0600
	if err != nil {
		return nil
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil
	}
	return &spill{f: f}
}

func (s *spill) length() int64 {
	if s == nil {
		return 0
	}
	return s.size
}

// add adds b, whole or not at all.
func (s *spill) add(b []byte) bool {
	if _, err := s.f.WriteAt(b, s.size); err != nil {
		return false
	}
	s.size += int64(len(b))
	return true
}

// readAt fills p from a place on. All of p must be in the file.
func (s *spill) readAt(p []byte, from int64) (int, error) { return s.f.ReadAt(p, from) }

func (s *spill) close() {
	if s != nil {
		s.f.Close()
	}
}
