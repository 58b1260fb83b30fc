package app

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/tallygate/tallygate/internal/aztables"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/upstream"
	"github.com/tallygate/tallygate/internal/world"
)

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
		out = append(out, &upstream.Resource{Name: world.TableResource(&d), Base: base, Credential: upstream.Key(d.Key)})
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
	return a.room.Alone(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		was := a.room.Load()
		next, err := a.build(ctx, world.Inputs{Config: was.Config, Tables: c}, was)
		if err != nil {
			return err
		}
		a.mended(made(a.room.Swap(next)), made(next))
		return nil
	})
}
