package config_test

import (
	"testing"

	"github.com/tallygate/tallygate/internal/aztables"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/config/tree"
)

// A limit may speak of the model that azure_tables serve, by the name that they give it.
func TestLimitsKnowTheModelOfTables(t *testing.T) {
	text := "azure_tables: {connection_string: UseDevelopmentStorage=true}\n" +
		"resources: [{name: r, endpoint: 'https://r.openai.azure.com', key: abcdefgh, deployments: [{name: d}]}]\n" +
		"limits: [{name: l, requests: 1, per: day, models: [" + aztables.Model + "]}]\n"
	if _, err := config.Parse("t.yaml", []byte(text), tree.Env{}); err != nil {
		t.Error(err)
	}
}
