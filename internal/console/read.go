package console

import (
	"fmt"
	"io"
	"os"
)

// maxFile is the largest file that is read, in bytes: a few times what there is.
const maxFile = 64 << 20

// ReadFile reads a file whole; - is standard input. What is absurdly long is refused.
func ReadFile(stdin io.Reader, name string) ([]byte, error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("%s is larger than %d MiB", name, maxFile>>20)
	}
	return data, err
}
