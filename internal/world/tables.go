package world

import (
	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/aztables"
	"github.com/tallygate/tallygate/internal/pool"
)

// tableModels is the one model that the deployments of Azure Tables serve, taking
// turns as with the event proxy: a row that is there twice has two.
func tableModels(c *aztables.Content) []pool.Model {
	if c == nil || len(c.Deployments) == 0 {
		return nil
	}
	m := pool.Model{Name: aztables.Model, Strategy: pool.RoundRobin}
	for _, d := range c.Deployments {
		m.Deployments = append(m.Deployments, &tallygate.Deployment{
			Resource: TableResource(&d), Name: d.Name, Title: d.Title, Model: aztables.Model, Base: d.Name, Region: d.Location,
		})
	}
	return []pool.Model{m}
}

// TableResource names the resource of a row, apart from those of the configuration.
func TableResource(d *aztables.Deployment) string { return "azure-tables:" + d.Title }
