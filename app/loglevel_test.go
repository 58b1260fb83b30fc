package app_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/app"
	"github.com/tallygate/tallygate/internal/config"
)

// A reload changes what is logged when it changes log.level, and says of the settings
// that it cannot change that they need a restart.
func TestLogLevelByReload(t *testing.T) {
	level, logs := new(slog.LevelVar), new(syncBuffer)
	text := threeConfig("http://127.0.0.1:1", t.TempDir(), "")
	a, err := app.New(t.Context(), app.Options{
		Load: func() (*config.Config, error) { return config.Parse("gateway.yaml", []byte(text), config.Env{}) },
		Log:  slog.New(slog.NewJSONHandler(logs, &slog.HandlerOptions{Level: level})), Level: level,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop(t.Context())
	for _, want := range []slog.Level{slog.LevelError, slog.LevelDebug, slog.LevelInfo} {
		text = text[:strings.Index(text, "log: ")] + "log: {level: " + strings.ToLower(want.String()) + "}" + text[strings.Index(text, "\ntimeouts: "):]
		if err := a.Reload(); err != nil {
			t.Fatal(err)
		}
		if level.Level() != want {
			t.Errorf("after the reload it logs from %v on, want %v", level.Level(), want)
		}
	}
	text = strings.Replace(text, "log: {", "log: {format: text, ", 1) +
		"currency: EUR\nsign_in: [{name: github, github: true, client_id: a, client_secret: secret-0123456789}]\n" +
		"azure_tables: {connection_string: UseDevelopmentStorage=true}\n"
	if err := a.Reload(); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"log.format", "currency", "sign_in", "azure_tables"} {
		if !strings.Contains(logs.String(), `only with a restart","key":"`+key+`"`) {
			t.Errorf("nothing is said of %s", key)
		}
	}
	if strings.Contains(logs.String(), "secret-0123456789") || strings.Contains(logs.String(), "log.level") {
		t.Errorf("the log says %s", logs)
	}
}
