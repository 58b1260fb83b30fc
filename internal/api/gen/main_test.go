package main

import (
	"strings"
	"testing"
	"time"

	"github.com/tallygate/tallygate/internal/api"
)

type part struct {
	At     time.Time         `json:"at,omitzero"`
	Amount api.Figure        `json:"amount"`
	Kinds  []api.Kind        `json:"kinds"`
	Parts  []*part           `json:"parts"`
	Rates  map[string]string `json:"rates,omitempty"`
	Any    any               `json:"any"`
	Secret string            `json:"-"`
}

// The committed types are those of the words as they are.
func TestCommitted(t *testing.T) {
	t.Chdir("../../..")
	if err := run(true); err != nil {
		t.Error(err)
	}
}

// Each struct is written once, after what it holds, with the names of its JSON.
func TestWrite(t *testing.T) {
	var b strings.Builder
	write(&b, part{}, part{})
	_, got, _ := strings.Cut(b.String(), "*/\n")
	want := `
export type Kind = 'chat' | 'completion' | 'embedding' | 'image' | 'speech' | 'transcription' | 'realtime' | 'video'

export interface part {
  at?: string
  amount: number | string | null
  kinds: Kind[]
  parts: (part | null)[]
  rates?: Record<string, string>
  any: unknown
}
`
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
