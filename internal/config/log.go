package config

import "github.com/tallygate/tallygate/internal/config/tree"

// Log is what is logged and how.
type Log struct {
	// Level is debug, info, warn or error.
	Level string
	// Format is json, text or auto: text on a terminal and json elsewhere.
	Format string
}

func (l *Log) fields() tree.Fields {
	return tree.Fields{
		{Key: "level", Codec: tree.Choice(&l.Level, "debug", "info", "warn", "error"), Doc: "Least severity that is logged."},
		{Key: "format", Codec: tree.Choice(&l.Format, "auto", "json", "text"), Doc: "auto is text on a terminal and json elsewhere."},
	}
}
