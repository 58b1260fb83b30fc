package app_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/tallygate/tallygate/internal/aztables/tablestest"
	"github.com/tallygate/tallygate/internal/simulator"
)

// The event proxy's own tables, in Microsoft's storage emulator, are all that a gateway
// needs: they make an event and deployments that take turns; a change is seen at the next reading, and an outage of
// the storage refuses nobody.
func TestAzureTables(t *testing.T) {
	storage := tablestest.Azurite(t)
	sim, err := simulator.New(three())
	if err != nil {
		t.Fatal(err)
	}
	upstream := httptest.NewServer(sim)
	defer upstream.Close()
	s, err := aztables.NewServiceClientFromConnectionString(storage.Connection, nil)
	if err != nil {
		t.Fatal(err)
	}
	g := &gateway{t: t, dir: t.TempDir(), logs: new(syncBuffer)}
	g.configure("listen: 127.0.0.1:0\nadmin: {listen: \"127.0.0.1:0\"}\ndata: " + g.dir +
		"\nazure_tables: {connection_string: '" + storage.Connection + "', every: 1s}\n" +
		"limits: [{name: chats, models: [openai-chat], requests: 1000, per: minute}]\n")
	g.start()
	t.Cleanup(g.stop)
	put := func(table string, values map[string]any) {
		t.Helper()
		raw, err := json.Marshal(values)
		if err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
			_, err := s.NewClient(table).UpsertEntity(context.Background(), raw, nil)
			if err == nil {
				return
			}
			if time.Now().After(deadline) { // the gateway makes the tables
				t.Fatal(err)
			}
		}
	}
	event := map[string]any{
		"PartitionKey": "playground", "RowKey": "myevent2026", "Active": true, "MaxTokenCap": 20, "EventName": "My Event",
		"StartUTC": time.Now().Add(-time.Hour).UTC().Format(time.RFC3339), "EndUTC": time.Now().Add(time.Hour).UTC().Format(time.RFC3339),
	}
	for _, title := range []string{"turbo-01", "turbo-02"} {
		put("configuration", map[string]any{
			"PartitionKey": "openai-chat", "RowKey": title, "Active": true, "Location": "swedencentral", "DeploymentName": "gpt-4o",
			"EndpointKey": resourceKey, "Endpoint": upstream.URL + "/one",
		})
	}
	put("playgroundauthorization", event) // last: with it, the rest is known too
	prompt := func() answer {
		return g.do("POST", "/api/oai_prompt", `{"messages":[{"role":"user","content":"[[tokens=90]]"}],"max_tokens":900,"temperature":0.5}`,
			"Api-Key", "", "Openai-Event-Code", "myevent2026")
	}
	eventually := func(want int) answer {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
			a := prompt()
			if a.status == want {
				return a
			}
			if time.Now().After(deadline) {
				t.Fatalf("%d %s, want %d", a.status, a.body, want)
			}
		}
	}
	eventually(http.StatusOK)
	seen := make(map[string]int)
	for range 4 {
		a := prompt()
		var body struct {
			Name  string
			Usage struct {
				Usage struct {
					Completion int `json:"completion_tokens"`
					Max        int `json:"max_tokens"`
				}
			}
		}
		if err := json.Unmarshal([]byte(a.body), &body); err != nil {
			t.Fatal(a.body)
		}
		seen[body.Name]++
		if body.Usage.Usage.Completion != 20 || body.Usage.Usage.Max != 20 {
			t.Errorf("a cap of 20: %s", a.body)
		}
	}
	if seen["turbo-01"] != 2 || seen["turbo-02"] != 2 {
		t.Errorf("four prompts went to %v", seen)
	}
	event["Active"] = false
	put("playgroundauthorization", event)
	eventually(http.StatusUnauthorized)
	event["Active"] = true
	put("playgroundauthorization", event)
	eventually(http.StatusOK)
	storage.Stop()
	time.Sleep(2500 * time.Millisecond)
	if a := prompt(); a.status != 200 {
		t.Errorf("while the storage is down: %d %s", a.status, a.body)
	}
	if strings.Contains(g.logs.String(), "Eby8vdM02xNOcqFlqUwJ") || strings.Contains(g.logs.String(), "myevent2026") {
		t.Error("the storage's key or an event's code is in the log")
	}
}
