package ledger

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A segment is one file of the journal: a header, frames, and zeros up to the
// next whole chunk. The zeros are written ahead, because a sync that need not
// change the file's size or extents costs about a third less.
//
// It begins with its header, twice, because without the salt no frame in it can
// be read:
//
//	magic [8] | journal [16] | segment number u64 | first record number u64 | salt u32 | crc u32
const (
	segmentMagic  = "TGJRNL1\n"
	headerBytes   = 48
	segmentHead   = 2 * headerBytes
	segmentSuffix = ".journal"
	chunkBytes    = 1 << 20
)

// zeros extend a file, and are never written to.
var zeros [chunkBytes]byte

type header struct {
	journal JournalID
	segment uint64
	first   int64 // number of the first record written here
	salt    uint32
}

func (h *header) encode() []byte {
	b := make([]byte, 0, segmentHead)
	b = append(b, segmentMagic...)
	b = append(b, h.journal[:]...)
	b = binary.LittleEndian.AppendUint64(b, h.segment)
	b = binary.LittleEndian.AppendUint64(b, uint64(h.first))
	b = binary.LittleEndian.AppendUint32(b, h.salt)
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli()))
	return append(b, b...)
}

func parseHeader(b []byte) (header, error) {
	if len(b) < segmentHead {
		return header{}, fmt.Errorf("the file ends within its header, after %d bytes", len(b))
	}
	if h, ok := parseOneHeader(b[:headerBytes]); ok {
		return h, nil
	}
	if h, ok := parseOneHeader(b[headerBytes:segmentHead]); ok {
		return h, nil
	}
	return header{}, errors.New("both copies of the header are damaged, or the file is no journal segment")
}

func parseOneHeader(b []byte) (h header, ok bool) {
	if !bytes.HasPrefix(b, []byte(segmentMagic)) ||
		crc32.Checksum(b[:headerBytes-4], castagnoli()) != binary.LittleEndian.Uint32(b[headerBytes-4:]) {
		return h, false
	}
	copy(h.journal[:], b[8:])
	h.segment = binary.LittleEndian.Uint64(b[24:])
	h.first = int64(binary.LittleEndian.Uint64(b[32:]))
	h.salt = binary.LittleEndian.Uint32(b[40:])
	return h, true
}

// file is what the journal needs of a file it writes. Tests put failing ones in
// the place of *os.File.
type file interface {
	WriteAt(p []byte, off int64) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// segment is a segment of an open ledger. What changes is guarded by journal.mu.
type segment struct {
	header
	path string
	end  int64 // where the records end that are safe on disk
	last int64 // the number of the last of them; first-1 when there is none
	// sealed says that nothing will be added.
	sealed bool
	// damaged says that a part of it could not be read: it is kept aside, not
	// removed. carried is the highest number under which an intent of this segment
	// was written again.
	damaged bool
	carried int64
}

func segmentPath(dir string, n uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%016d%s", n, segmentSuffix))
}

// segmentFile is a segment found in the journal's folder.
type segmentFile struct {
	path   string
	number uint64
}

// listSegments returns the journal's segments in order.
func listSegments(dir string) ([]segmentFile, error) {
	found, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []segmentFile
	for _, f := range found {
		name, ok := strings.CutSuffix(f.Name(), segmentSuffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(name, 10, 64)
		if err != nil {
			continue
		}
		out = append(out, segmentFile{filepath.Join(dir, f.Name()), n})
	}
	slices.SortFunc(out, func(a, b segmentFile) int { return cmp.Compare(a.number, b.number) })
	return out, nil
}

// writer appends to one segment file.
type writer struct {
	f         file
	at        int64 // where the next group goes
	allocated int64 // how far zeros reach
}

// createSegment makes the file of a new segment and returns when it is safe on
// disk, header and name.
func createSegment(open func(string) (file, error), dir string, h header) (*writer, error) {
	f, err := open(segmentPath(dir, h.segment))
	if err != nil {
		return nil, fmt.Errorf("create journal segment: %w", err)
	}
	w := &writer{f: f}
	err = w.append(h.encode())
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(segmentPath(dir, h.segment)))
	}
	return w, nil
}

// append writes p and returns when it is safe on disk. After an error nothing is
// known about the bytes behind w.at, and the writer must not be used again.
func (w *writer) append(p []byte) error {
	if end := w.at + int64(len(p)); end > w.allocated {
		grown := (end + chunkBytes - 1) / chunkBytes * chunkBytes
		if _, err := w.f.WriteAt(zeros[:grown-end], end); err != nil {
			return fmt.Errorf("extend journal segment: %w", err)
		}
		w.allocated = grown
	}
	if _, err := w.f.WriteAt(p, w.at); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	if err := w.f.Sync(); err != nil {
		return fmt.Errorf("sync journal: %w", err)
	}
	w.at += int64(len(p))
	return nil
}

// seal gives back the zeros and closes the file; what was promised is on disk
// already, so an error only costs space.
func (w *writer) seal() error {
	return errors.Join(w.f.Truncate(w.at), w.f.Close())
}

// osFile is a *os.File whose Sync leaves out metadata that does not matter.
type osFile struct{ *os.File }

func (f osFile) Sync() error { return syncData(f.File) }

func openNew(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func newSalt() uint32 {
	var b [4]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return binary.LittleEndian.Uint32(b[:])
}

func newJournalID() (id JournalID) {
	rand.Read(id[:]) // never fails (crypto/rand)
	return id
}
