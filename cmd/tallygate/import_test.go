package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/tallygate/tallygate/internal/aztables/tablestest"
)

// proxyTables starts a storage emulator that has the event "My Event" and a deployment,
// as the event proxy keeps them, and returns its connection string.
func proxyTables(t *testing.T) string {
	t.Helper()
	storage := tablestest.Azurite(t)
	s, err := aztables.NewServiceClientFromConnectionString(storage.Connection, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	for table, row := range map[string]map[string]any{
		"playgroundauthorization": {"PartitionKey": "playground", "RowKey": "myevent2026", "Active": true, "EventName": "My Event",
			"StartUTC": now.Format(time.RFC3339), "EndUTC": now.Add(time.Hour).Format(time.RFC3339), "ContactName": "John Smith"},
		"configuration": {"PartitionKey": "openai-chat", "RowKey": "turbo 01", "Active": true, "Location": "swedencentral",
			"DeploymentName": "gpt-35-turbo", "EndpointKey": "the-endpoint-key"},
	} {
		raw, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.CreateTable(t.Context(), table, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := s.NewClient(table).AddEntity(t.Context(), raw, nil); err != nil {
			t.Fatal(err)
		}
	}
	return storage.Connection
}

// The event proxy's events are made in a running gateway, once, and its deployments
// printed as resources without their keys.
func TestImportAzureTables(t *testing.T) {
	connection := proxyTables(t)
	startGateway(t, "callers: [{name: c, key: caller-key-0123456789}]\n")
	t.Setenv("AZURE_STORAGE_CONNECTION_STRING", "")
	if code, _, words := inProcess(t, "import", "azure-tables"); code != exitUsage || !strings.Contains(words, "AZURE_STORAGE_CONNECTION_STRING") {
		t.Errorf("without a storage: %d %s", code, words)
	}
	t.Setenv("AZURE_STORAGE_CONNECTION_STRING", connection)
	for round, want := range []string{"made 1 event\n", "is there already"} {
		code, out, words := inProcess(t, "import", "azure-tables")
		if code != exitOK || !strings.Contains(words, want) || strings.Contains(out+words, "the-endpoint-key") || strings.Contains(words, "myevent2026") {
			t.Errorf("round %d: %d %s %s", round, code, out, words)
		}
		if !strings.Contains(out, "key: ${env:KEY_TURBO_01}") || !strings.Contains(out, "https://swedencentral.api.cognitive.microsoft.com") {
			t.Errorf("resources: %s", out)
		}
	}
	if code, out, words := inProcess(t, "events", "list", "--codes", "-o", "csv"); code != exitOK || !strings.Contains(out, "myevent2026") || !strings.Contains(out, "My Event") {
		t.Errorf("the events: %d %s %s", code, out, words)
	}
}
