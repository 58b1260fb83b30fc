package aztables_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	sdk "github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/tallygate/tallygate/internal/aztables"
	"github.com/tallygate/tallygate/internal/aztables/tablestest"
	"github.com/tallygate/tallygate/internal/event"
)

// add puts an entity into a table.
func add(t *testing.T, connection, table, partition, key string, values map[string]any) {
	t.Helper()
	s, err := sdk.NewServiceClientFromConnectionString(connection, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]any{"PartitionKey": partition, "RowKey": key}
	for name, v := range values {
		if _, ok := v.(sdk.EDMDateTime); ok {
			all[name+"@odata.type"] = "Edm.DateTime"
		}
		all[name] = v
	}
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.NewClient(table).AddEntity(t.Context(), raw, nil); err != nil {
		t.Fatal(err)
	}
}

// The two tables are made when they are not there, and read as the event proxy's
// documentation has them, quotes in codes and rows of other partitions included.
func TestReadFromStorage(t *testing.T) {
	connection := tablestest.Azurite(t).Connection
	s, err := aztables.Open(connection)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time they are there
		if err := s.Create(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Date(2023, 10, 1, 0, 0, 0, 0, time.UTC)
	add(t, connection, "playgroundauthorization", "playground", "myevent2022", map[string]any{
		"Active": true, "MaxTokenCap": int32(1024), "StartUTC": sdk.EDMDateTime(start), "EndUTC": sdk.EDMDateTime(start.AddDate(0, 0, 1)),
		"EventName": "My Event 2023", "ContactName": "John Smith", "ContactEmail": "jsmith@example.com",
		"EventUrl": "https://example.com", "EventUrlText": "The event",
	})
	add(t, connection, "playgroundauthorization", "playground", "it's-quoted", map[string]any{
		"Active": false, "StartUTC": "2023-10-01T00:00:00Z", "EndUTC": "2023-10-02T00:00:00Z", "EventName": "Text",
	})
	add(t, connection, "playgroundauthorization", "playground", "short", map[string]any{"Active": true, "EventName": "Short"})
	add(t, connection, "playgroundauthorization", "elsewhere", "otherevent", map[string]any{"Active": true})
	for _, key := range []string{"gpt-35-turbo-01", "gpt-35-turbo-02"} {
		add(t, connection, "configuration", "openai-chat", key, map[string]any{
			"Location": " Sweden Central ", "EndpointKey": "wd7w6d77w868sd678s", "DeploymentName": "gpt-35-turbo", "Active": true,
		})
	}
	add(t, connection, "configuration", "openai-chat", "off", map[string]any{"Active": false, "Location": "x"})
	add(t, connection, "configuration", "openai-chat", "evil", map[string]any{
		"Location": "evil.example/#", "EndpointKey": "secret-endpoint-key", "DeploymentName": "d", "Active": true,
	})
	c, err := s.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Events) != 2 || len(c.Deployments) != 2 || len(c.Problems) != 2 {
		t.Fatalf("%d events, %d deployments, problems %q", len(c.Events), len(c.Deployments), c.Problems)
	}
	quoted, mine := c.Events[0], c.Events[1]
	if mine.Code != "myevent2022" || mine.MaxTokens.Tokens != 1024 || !mine.Start.Equal(start) || mine.Inactive ||
		mine.Name != "My Event 2023" || mine.URL != "https://example.com" || mine.Organiser.Name != "John Smith" || !event.ValidID(mine.ID) {
		t.Errorf("read %+v", mine)
	}
	if quoted.Code != "it's-quoted" || quoted.MaxTokens.Tokens != 512 || !quoted.Inactive {
		t.Errorf("read %+v", quoted)
	}
	if d := c.Deployments[0]; d.Endpoint != "https://swedencentral.api.cognitive.microsoft.com" || d.Name != "gpt-35-turbo" || d.Title != "gpt-35-turbo-01" {
		t.Errorf("read %+v", d)
	}
	if told := strings.Join(c.Problems, "\n"); strings.Contains(told, "secret-endpoint-key") || strings.Contains(told, "short") {
		t.Errorf("problems show secrets: %s", told)
	}
}

// A storage that is not there, and a connection string that is none, are errors that
// show no key.
func TestNoStorage(t *testing.T) {
	if _, err := aztables.Open("AccountKey=very-secret"); err == nil || strings.Contains(err.Error(), "very-secret") {
		t.Errorf("opened with %v", err)
	}
	s, err := aztables.Open("DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;TableEndpoint=http://127.0.0.1:1/a;")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := s.Read(ctx); err == nil {
		t.Error("read from nowhere")
	}
}

// broken is a reader that fails when told to.
type broken struct {
	fail    atomic.Bool
	content atomic.Pointer[aztables.Content]
}

func (b *broken) Create(context.Context) error { return b.err() }

func (b *broken) Read(context.Context) (*aztables.Content, error) { return b.content.Load(), b.err() }

func (b *broken) err() error {
	if b.fail.Load() {
		return errors.New("the storage is down")
	}
	return nil
}

// Changes are taken over at the next reading; an outage changes nothing, is told, and
// ends by itself.
func TestSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := new(broken)
		r.fail.Store(true)
		r.content.Store(&aztables.Content{Deployments: []aztables.Deployment{{Title: "one"}}})
		var used []*aztables.Content
		var failures, successes int
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			aztables.Sync(ctx, r, time.Minute, func(c *aztables.Content) error { used = append(used, c); return nil }, func(err error) {
				if err != nil {
					failures++
				} else {
					successes++
				}
			}, slog.New(slog.DiscardHandler))
		}()
		time.Sleep(90 * time.Second)
		r.fail.Store(false)
		time.Sleep(3 * time.Minute)
		r.content.Store(&aztables.Content{Deployments: []aztables.Deployment{{Title: "two"}}})
		time.Sleep(time.Minute)
		r.fail.Store(true)
		time.Sleep(5 * time.Minute)
		cancel()
		<-done
		if len(used) != 2 || used[1].Deployments[0].Title != "two" || failures < 6 || successes < 4 {
			t.Errorf("used %d, %d failures, %d successes", len(used), failures, successes)
		}
	})
}
