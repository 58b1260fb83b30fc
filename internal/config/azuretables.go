package config

import (
	"strings"
	"time"

	"github.com/tallygate/tallygate/internal/config/tree"
)

// AzureTables is a storage account with the event proxy's two tables.
type AzureTables struct {
	// Connection is its connection string; empty is none.
	Connection Secret
	// Every is how often they are read.
	Every time.Duration
}

func (a *AzureTables) fields() tree.Fields {
	return tree.Fields{
		{Key: "connection_string", Required: true, Codec: tree.Hidden(&a.Connection, connectionFault), Doc: "Connection string of the storage account, best as ${env:…}."},
		{Key: "every", Codec: tree.Duration(&a.Every, time.Second), Doc: "How often the tables are read; 10m at most."},
	}
}

// tablesModel is the model that the deployments of the tables serve, by the event
// proxy's name for it.
const tablesModel = "openai-chat"

func (d *reading) checkAzureTables(a *AzureTables) {
	if a.Every > 10*time.Minute {
		d.WrongAt("azure_tables.every", "", "is longer than 10m, within which the event proxy promises to see a change")
	}
}

// connectionFault says what keeps s from being the connection string of a storage
// account; empty when nothing does that can be seen.
func connectionFault(s string) string {
	for part := range strings.SplitSeq(s, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.ToLower(name) {
		case "accountname", "tableendpoint", "usedevelopmentstorage":
			if value != "" {
				return ""
			}
		}
	}
	return "is not the connection string of a storage account, such as DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…"
}
