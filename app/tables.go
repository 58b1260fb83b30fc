package app

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/tallygate/tallygate"
	"github.com/tallygate/tallygate/internal/aztables"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/pool"
	"github.com/tallygate/tallygate/internal/upstream"
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
			Resource: tableResource(&d), Name: d.Name, Title: d.Title, Model: aztables.Model, Base: d.Name, Region: d.Location,
		})
	}
	return []pool.Model{m}
}

// tableResource names the resource of a row, apart from those of the configuration.
func tableResource(d *aztables.Deployment) string { return "azure-tables:" + d.Title }

// tableResources are the resources of the rows.
func tableResources(c *aztables.Content) []*upstream.Resource {
	if c == nil {
		return nil
	}
	var out []*upstream.Resource
	for _, d := range c.Deployments {
		base, err := url.Parse(d.Endpoint)
		if err != nil {
			continue // it was checked when the row was read
		}
		out = append(out, &upstream.Resource{Name: tableResource(&d), Base: base, Credential: upstream.Key(d.Key)})
	}
	return out
}

// syncTables begins to follow Azure Tables, if they are configured.
func (a *App) syncTables(cfg *config.Config) error {
	if cfg.AzureTables.Connection == "" {
		return nil
	}
	source, err := aztables.Open(cfg.AzureTables.Connection.Reveal())
	if err != nil {
		return fmt.Errorf("azure_tables: %w", err)
	}
	a.meanwhile("azure tables", func(ctx context.Context, did func(error)) {
		aztables.Sync(ctx, source, cfg.AzureTables.Every, a.useTables, func(err error) { a.metrics.TablesRead(err); did(err) }, a.log.With("component", "azure-tables"))
	})
	return nil
}

// useTables makes what the tables hold the events and deployments that requests meet.
func (a *App) useTables(c *aztables.Content) error {
	return a.live.Alone(func() error { return a.useTablesAlone(c) })
}

func (a *App) useTablesAlone(c *aztables.Content) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	before := a.tables.Swap(c)
	was := a.live.Load()
	next, err := a.build(ctx, was.config, was)
	if err != nil {
		a.tables.Store(before)
		return err
	}
	a.mended(a.live.Swap(next), next)
	return nil
}
