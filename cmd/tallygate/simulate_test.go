package main

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/tallygate/tallygate/internal/simulator"
)

// The help of simulate names every kind of fault, and the simulator takes the bodies it
// shows.
func TestFaultHelp(t *testing.T) {
	_, help, _ := inProcess(t, "simulate", "--help")
	for _, kind := range simulator.FaultKinds() {
		if !regexp.MustCompile(`(?m)^  ([a-z-]+, )*` + string(kind) + `\b`).MatchString(help) {
			t.Errorf("the help does not tell of %s", kind)
		}
	}
	sim, err := simulator.New(demoSimulator())
	if err != nil {
		t.Fatal(err)
	}
	bodies := regexp.MustCompile(`(?m)^ +(\{.*\})'$`).FindAllStringSubmatch(help, -1)
	if len(bodies) != 4 {
		t.Fatalf("%d bodies are shown", len(bodies))
	}
	for _, body := range bodies {
		req := httptest.NewRequest(http.MethodPost, "/_simulator/faults", strings.NewReader(body[1]))
		req.Header.Set("Api-Key", demoAdminKey)
		res := httptest.NewRecorder()
		if sim.ServeHTTP(res, req); res.Code != http.StatusCreated {
			t.Errorf("%s: %d %s", body[1], res.Code, res.Body)
		}
	}
}

// A scenario that is printed to be edited shows each deployment's model and quotas, also
// those that are unset, and reads back.
func TestPrintedScenario(t *testing.T) {
	code, out, _ := inProcess(t, "simulate", "--print")
	cfg, err := simulator.ParseConfig([]byte(out))
	if err != nil || code != 0 {
		t.Fatalf("exit %d: %v", code, err)
	}
	for _, member := range []string{`"model": "gpt-4o"`, `"tpm": 600000`, `"rpm": 0`, `"ptu": 0`} {
		if !strings.Contains(out, member) {
			t.Errorf("the scenario does not show %s", member)
		}
	}
	if _, err := simulator.New(cfg); err != nil {
		t.Error(err)
	}
}
