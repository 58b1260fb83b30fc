package main

import (
	"cmp"
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/tallygate/tallygate/internal/config"
	"github.com/tallygate/tallygate/internal/console"
)

// dataOptions say where the ledger is, and whose it is.
type dataOptions struct {
	dir, file string
	// config is that of the gateway, nil when none is named: then days are those of UTC,
	// and keys have no names.
	config *config.Config
	found  bool
}

// usualConfig is the configuration that serve reads unless told another.
const usualConfig = "tallygate.yaml"

// dataFlag adds --data, which TALLYGATE_DATA stands in for, and --config, which
// TALLYGATE_CONFIG does.
func dataFlag(c *cobra.Command, o *dataOptions) {
	c.Flags().StringVar(&o.dir, "data", cmp.Or(os.Getenv("TALLYGATE_DATA"), "data"), "data `directory` of the gateway, or $TALLYGATE_DATA; that of --config unless said")
	c.Flags().StringVarP(&o.file, "config", "c", os.Getenv("TALLYGATE_CONFIG"), "configuration `file` of the gateway, or $TALLYGATE_CONFIG; "+usualConfig+" if it is there")
}

// find reads the configuration, if there is one, and settles on the directory: the one
// that is named, else the configuration's. It does so once.
func (o *dataOptions) find(c *cobra.Command) error {
	if o.found {
		return nil
	}
	o.found = true
	named := c.Flags().Changed("data")
	switch {
	case named && c.Flags().Changed("config"):
		return console.Usagef("--data and --config say the same: leave one out")
	case named || o.file == "" && os.Getenv("TALLYGATE_DATA") != "":
		o.file = ""
		return nil
	case o.file == "":
		if _, err := os.Stat(usualConfig); err != nil {
			return nil
		}
		o.file = usualConfig
	}
	cfg, err := config.Load(o.file, withoutSecrets(o.file))
	if err != nil {
		return err
	}
	o.config = cfg
	if c.Flags().Changed("config") || os.Getenv("TALLYGATE_DATA") == "" {
		o.dir = cfg.Data
	}
	return nil
}

// zone is where days begin for the gateway's limits, and so in reports.
func (o *dataOptions) zone() *time.Location {
	if o.config == nil || o.config.Zone == nil {
		return time.UTC
	}
	return o.config.Zone
}

// keyNames are what people call keys, by the id that the ledger has.
func (o *dataOptions) keyNames() map[string]string {
	if o.config == nil {
		return nil
	}
	return o.config.KeyNames()
}

// withoutSecrets resolves references to secrets that whoever reads a report may not
// have: what is not set, or cannot be read but for the configuration itself, is made up.
// Its key then has no name.
func withoutSecrets(file string) config.Env {
	made := func(name string) string { return "not-known-here-" + name }
	return config.Env{
		Lookup: func(name string) (string, bool) {
			if v, ok := os.LookupEnv(name); ok {
				return v, true
			}
			return made(name), true
		},
		ReadFile: func(name string) ([]byte, error) {
			text, err := os.ReadFile(name)
			if name != file && (errors.Is(err, os.ErrPermission) || errors.Is(err, os.ErrNotExist)) {
				return []byte(made(name)), nil
			}
			return text, err
		},
	}
}
