// Command bench measures what proxies cost, side by side in one run: nginx, a bare
// httputil.ReverseProxy, and Tallygate with everything on. Each proxy's process is
// pinned to core 1; the load and the upstream they all share run on core 0, so
// that figures are per core and the generator costs the proxy nothing. CPU time
// comes from /proc and is the steadiest figure; rounds go over all targets in
// turn and medians are shown, since a machine's mood changes within minutes.
//
// Absolute figures belong to the machine. The ratios to the bare ReverseProxy,
// which every run measures anew, can be compared.
//
// The program starts itself again for the upstream, the ReverseProxy and the
// load. It listens on loopback alone, and ends what it started.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"
)

type options struct {
	tallygate string
	only      string
	extra     []string
	json      bool
	quick     bool
	rounds    int
}

func main() {
	if len(os.Args) > 1 {
		if sub, ok := submodes[os.Args[1]]; ok {
			exit(sub(os.Args[2:]))
		}
	}
	var o options
	flag.StringVar(&o.tallygate, "tallygate", "", "measure the Tallygate `binary` at this path")
	flag.StringVar(&o.only, "only", "", "measure only these `targets`, comma separated (direct, nginx, reverseproxy, tallygate, …)")
	flag.Func("target", "also measure a running proxy before the upstream, as `name=http://host:port` or name=http://host:port,pid=PID; "+
		"without a pid there is no CPU or memory of it; it must send to the upstream at -upstream", func(s string) error {
		o.extra = append(o.extra, s)
		return nil
	})
	upstream := flag.String("upstream", "127.0.0.1:0", "`address` of the upstream that all proxies send to")
	flag.BoolVar(&o.json, "json", false, "print JSON, with every sample, in place of the table")
	flag.BoolVar(&o.quick, "quick", false, "a short run: one round, a second for each figure")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds, each over all targets and figures")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "bench: unexpected argument %q\n", flag.Arg(0))
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o, *upstream)
	stop()
	exit(err)
}

// submodes are the programs this one starts itself again as.
var submodes = map[string]func([]string) error{
	"stub":         runStub,
	"reverseproxy": runReverseProxy,
	"load":         runLoad,
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// missing says why nothing can be measured here; empty when it can.
func missing() string {
	if runtime.GOOS != "linux" {
		return "CPU and memory are read from /proc, which only Linux has"
	}
	if runtime.NumCPU() < 2 {
		return "there is only one core, and load and proxy need one each"
	}
	if _, err := exec.LookPath("taskset"); err != nil {
		return "taskset (util-linux) is not installed, so processes cannot be kept to their cores"
	}
	return ""
}

func run(ctx context.Context, o options, upstream string) error {
	if why := missing(); why != "" {
		fmt.Fprintln(os.Stderr, "bench skipped:", why+".")
		return nil
	}
	if o.quick {
		o.rounds = 1
	}
	if busy := loadAverage(); busy > 0.5 {
		fmt.Fprintf(os.Stderr, "bench: this machine is busy with something else (load average %.1f): trust the ratios little and the latencies not at all.\n", busy)
	}
	// This process waits and counts; it does so on the load's core.
	if out, err := exec.Command("taskset", "-acp", loadCore, fmt.Sprint(os.Getpid())).CombinedOutput(); err != nil {
		return fmt.Errorf("taskset: %w: %s", err, out)
	}
	dir, err := os.MkdirTemp("", "tallygate-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	lab := &lab{ctx: ctx, dir: dir, out: os.Stderr}
	defer lab.close()
	stub, err := lab.startSelf(loadCore, "stub", upstream)
	if err != nil {
		return err
	}
	lab.upstream = stub.addr
	targets, err := lab.targets(o)
	if err != nil {
		return err
	}
	results, err := lab.measure(targets, plan(o))
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return report(os.Stdout, o, results)
}

func report(w io.Writer, o options, results []*result) error {
	if o.json {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		if err := enc.Encode(summary(results)); err != nil {
			return err
		}
	} else {
		printTable(w, results)
	}
	var broken []string
	for _, r := range results {
		if n := r.errors(); n > 0 {
			broken = append(broken, fmt.Sprintf("%s (%d)", r.Target, n))
		}
	}
	if broken != nil {
		return fmt.Errorf("answers that were wrong or missing: %s", strings.Join(broken, ", "))
	}
	return nil
}

// plan says what is measured and for how long.
func plan(o options) schedule {
	s := schedule{rounds: o.rounds, chat: 2 * time.Second, stream: 1500 * time.Millisecond, streams: 1000, saturate: 3 * time.Second, after: 10 * time.Second}
	if o.quick {
		s.chat, s.stream = time.Second, time.Second
	}
	return s
}
