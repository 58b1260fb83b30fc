package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tallygate/tallygate/app"
	"github.com/tallygate/tallygate/internal/config"
)

// TestMain lets scripts and tests run this test binary as tallygate.
func TestMain(m *testing.M) {
	os.Setenv("GORACE", noExitSleep)
	testscript.Main(m, map[string]func(){"tallygate": main})
}

// noExitSleep spares each process the second that the race detector waits at its end.
const noExitSleep = "atexit_sleep_ms=0"

func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("GORACE", noExitSleep)
			for _, name := range []string{"DATA_ADDR", "ADMIN_ADDR", "OTHER_ADDR"} {
				e.Setenv(name, freeAddr())
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "until": until, "await": await, "ask": ask, "sql": execSQL, "narrow": narrow,
		},
	})
}

// freeAddr returns an address of loopback that nobody listens on. It lies below the
// ports that systems give to outgoing connections, so that none takes it meanwhile.
func freeAddr() string {
	for {
		addr := fmt.Sprintf("127.0.0.1:%d", 15_000+rand.IntN(15_000))
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			return addr
		}
	}
}

// exits CODE PROGRAM ARG… runs a program that must exit with CODE.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG...")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("%s exited with %d, want %s", strings.Join(args[1:], " "), code, args[0])
	}
}

// until PATTERN PROGRAM ARG… repeats a program until its stdout has a line that matches:
// what a running gateway just finished takes a moment to be seen from outside.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until PATTERN PROGRAM ARG...")
	}
	pattern := regexp.MustCompile("(?m)" + args[0])
	ts.Check(poll(func() error {
		if err := ts.Exec(args[1], args[2:]...); err != nil {
			return err
		}
		if out := ts.ReadFile("stdout"); !pattern.MatchString(out) {
			return fmt.Errorf("%q does not match:\n%s", args[0], out)
		}
		return nil
	}))
}

// await URL waits until something answers there.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await URL")
	}
	ts.Check(poll(func() error {
		res, err := http.Get(args[0])
		if err != nil {
			return err
		}
		return res.Body.Close()
	}))
}

// poll tries f until it succeeds, for half a minute at most: machines are slow.
func poll(f func() error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		err := f()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("still after half a minute: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// ask URL KEY BODY posts JSON; stdout is the status and the answer.
func ask(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: ask URL KEY BODY")
	}
	status, answer, err := post(context.Background(), args[0], args[1], args[2])
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d %s\n", status, answer)
}

func post(ctx context.Context, url, key, body string) (status int, answer string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("api-key", key)
	req.Header.Set("content-type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), err
}

// sql FILE STATEMENT changes a database behind the gateway's back.
func execSQL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sql FILE STATEMENT")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	res, err := db.Exec(args[1])
	ts.Check(err)
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		ts.Fatalf("%s changed %d rows: %v", args[1], n, err)
	}
}

// narrow checks that no line of the last stdout is wider than 80 columns.
func narrow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: narrow")
	}
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > 80 {
			ts.Fatalf("%d columns: %s", n, line)
		}
	}
}

// inProcess runs the command in this process.
func inProcess(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, words bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &out, &words)
	return code, out.String(), words.String()
}

// startGateway starts a gateway in this process that has the resource "one" with the
// model gpt-4o and what more its configuration says. Commands find its admin side by
// the environment.
func startGateway(t *testing.T, more string) {
	t.Helper()
	const key = "admin-key-0123456789"
	text := fmt.Sprintf("listen: 127.0.0.1:0\nadmin: {listen: 127.0.0.1:0, key: %s}\ndata: %q\n"+
		"resources: [{name: one, endpoint: https://one.example, key: key-0123456789, deployments: [{name: gpt-4o}]}]\n", key, t.TempDir()) + more
	a, err := app.New(t.Context(), app.Options{Load: func() (*config.Config, error) { return config.Parse("t.yaml", []byte(text), config.Env{}) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop(context.Background()) })
	t.Setenv("TALLYGATE_ADMIN", "http://"+a.AdminAddr().String())
	t.Setenv("TALLYGATE_ADMIN_KEY", key)
}

// Every help text fits 80 columns, names its command, and goes to stdout.
func TestHelp(t *testing.T) {
	verb := regexp.MustCompile(`(?m)^  ([a-z]+) +[A-Z]`)
	var visit func(path ...string)
	seen := 0
	visit = func(path ...string) {
		seen++
		name := strings.Join(append([]string{"tallygate"}, path...), " ")
		code, out, words := inProcess(t, append(path, "--help")...)
		if code != exitOK || words != "" || !strings.Contains(out, "Usage:\n  "+name) {
			t.Errorf("%s --help: exit %d, stderr %q, stdout\n%s", name, code, words, out)
		}
		for line := range strings.Lines(out) {
			if n := len([]rune(line)) - 1; n > helpWidth && len(path) < 2 { // cobra words the scripts' help
				t.Errorf("%s --help: %d columns: %s", name, n, line)
			}
		}
		if again := append([]string{"help"}, path...); len(path) > 0 {
			if _, same, _ := inProcess(t, again...); same != out {
				t.Errorf("tallygate %s differs from %s --help:\n%s", strings.Join(again, " "), name, same)
			}
		}
		_, list, _ := strings.Cut(out, "COMMAND\n")
		list, _, _ = strings.Cut(list, "\nFlags:")
		for _, m := range verb.FindAllStringSubmatch(list, -1) {
			visit(append(path, m[1])...)
		}
	}
	visit()
	if seen < 19 {
		t.Errorf("only %d commands found", seen)
	}
	for _, want := range []string{"TALLYGATE_CONFIG", "TALLYGATE_DATA", "2 wrong usage"} {
		if _, out, _ := inProcess(t); !strings.Contains(out, want) {
			t.Errorf("tallygate alone does not say %q", want)
		}
	}
}

// An environment variable stands in for its flag, and the flag is stronger.
func TestEnvironment(t *testing.T) {
	t.Setenv("TALLYGATE_CONFIG", "from-env.yaml")
	t.Setenv("TALLYGATE_DATA", "from-env")
	if _, _, words := inProcess(t, "check"); !strings.Contains(words, "from-env.yaml") {
		t.Errorf("check: %s", words)
	}
	if _, _, words := inProcess(t, "check", "-c", "flag.yaml"); !strings.Contains(words, "flag.yaml") {
		t.Errorf("check -c: %s", words)
	}
	if code, _, words := inProcess(t, "usage"); code != exitConfig || !strings.Contains(words, "from-env.yaml") {
		t.Errorf("usage: exit %d, %s", code, words)
	}
	t.Setenv("TALLYGATE_CONFIG", "")
	if code, _, words := inProcess(t, "usage"); code != exitUnreachable || !strings.Contains(words, "from-env") {
		t.Errorf("usage: exit %d, %s", code, words)
	}
	if _, err := os.Stat("from-env"); err == nil {
		t.Error("reading made the directory")
	}
}
