package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/ledger"
	"github.com/tallygate/tallygate/internal/store/sqlite"
)

// filled is how many entries the ledger holds of a gateway that has been in use.
const filled = 200_000

// fill makes a ledger in a gateway's data folder that holds n entries: chats of forty
// callers, on two models, over the last month, the last of them a minute ago.
func fill(ctx context.Context, dir string, n int) (err error) {
	store, err := sqlite.Open(ctx, filepath.Join(dir, "tallygate.db"), sqlite.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	book, err := ledger.Open(ctx, ledger.Options{Dir: dir, Store: store})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.Close(ctx)) }()
	const month = 30 * 24 * time.Hour
	last := time.Now().Add(-time.Minute)
	for i := range n {
		book.Record(chatEntry(i, last.Add(-month*time.Duration(n-i)/time.Duration(n))))
		if i%5000 == 4999 { // the journal keeps in memory what waits for the disk
			if err := book.Flush(ctx); err != nil {
				return err
			}
		}
	}
	return book.Flush(ctx)
}

// chatEntry is the i-th entry of the ledger.
func chatEntry(i int, began time.Time) *tallygate.Entry {
	model := [...]string{"gpt-4o", "gpt-4o-mini"}[i%2]
	e := &tallygate.Entry{
		ID: tallygate.NewID(began), Began: began, Method: "POST", Agent: "AzureOpenAI/Python 1.59.9",
		Caller: fmt.Sprintf("caller-%d", i%40), Key: fmt.Sprintf("%012x", i%40), IP: netip.AddrFrom4([4]byte{10, 0, byte(i % 7), byte(i % 40)}),
		Deployment: &tallygate.Deployment{Resource: "bench", Name: model, Model: model, Base: model, Region: "swedencentral", Priority: 1, Weight: 1},
		Attempts:   1, Status: 200, Outcome: tallygate.Answered, Counted: true, Total: time.Duration(i%3000) * time.Millisecond,
	}
	e.RequestID = e.ID.String()
	e.Ask.Operation, e.Ask.Model, e.Ask.Choices, e.Ask.APIVersion = tallygate.ChatCompletions, model, 1, "2024-10-21"
	e.Usage = tallygate.Usage{Source: tallygate.Exact, Prompt: int64(i%4000) + 1, Completion: int64(i%800) + 1}
	e.Usage.Total = e.Usage.Prompt + e.Usage.Completion
	return e
}
