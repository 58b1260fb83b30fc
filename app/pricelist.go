package app

import (
	"github.com/tallygate/tallygate/internal/admin"
	"github.com/tallygate/tallygate/internal/api"
	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/world"
)

// Prices are the prices of a configuration by itself (see PriceList), as the admin API
// shows them: all of them, or those of a model, which may be a glob.
func Prices(cfg *config.Config, model string) (list *api.PriceList, leftOut, err error) {
	book, leftOut, err := world.PriceList(cfg)
	if err != nil {
		return nil, nil, err
	}
	shown := admin.Prices(book, model)
	return &shown, leftOut, nil
}
