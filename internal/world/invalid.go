package world

import (
	"errors"
	"strings"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/config"
)

// invalid refuses what was sent, with everything that is wrong with it.
func invalid(code, message string, err error) error {
	no := &tallygate.Error{Kind: tallygate.BadRequest, Code: code, Message: message}
	if all, ok := errors.AsType[*config.Problems](err); ok {
		for _, p := range *all {
			no.Problems = append(no.Problems, p.String())
		}
		return no
	}
	no.Problems = strings.Split(err.Error(), "\n")
	return no
}
