package ledger

// What tests of faults put their hands on.

// File is a file that a journal writes to.
type File = file

// NewFile makes a real one.
func NewFile(path string) (File, error) { return openNew(path) }

// WithFiles makes a ledger write to files of the test's own making.
func (o Options) WithFiles(create func(path string) (File, error)) Options {
	o.create = create
	return o
}

// CheckJournal reads the journal in a data folder.
func CheckJournal(dir string) ([]Check, error) { return checkJournal(dir+"/journal", false) }

const (
	SegmentHead = segmentHead
	FrameHead   = frameHead
)
