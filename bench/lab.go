package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// The cores: one for load and upstream, one for the proxy that is measured.
const (
	loadCore  = "0"
	proxyCore = "1"
)

// lab runs the processes of a measurement. Not for concurrent use.
type lab struct {
	ctx      context.Context
	dir      string // for configuration files and data; removed at the end
	out      io.Writer
	upstream string // host:port
	running  []*process
}

// process is a child, or somebody else's when cmd is nil.
type process struct {
	cmd  *exec.Cmd
	in   io.Closer // its end tells our own programs to stop
	pid  int
	addr string // host:port it serves on
	done chan struct{}
}

// start starts a command on a core. Its output goes to our standard error, or to
// out where that is given.
func (l *lab) start(core string, out io.Writer, argv ...string) (*process, error) {
	cmd := exec.Command("taskset", append([]string{"-c", core}, argv...)...)
	cmd.Stderr = os.Stderr
	if out != nil {
		cmd.Stdout, cmd.Stderr = out, out
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", argv[0], err)
	}
	p := &process{cmd: cmd, in: in, pid: cmd.Process.Pid, done: make(chan struct{})}
	go func() { cmd.Wait(); close(p.done) }()
	l.running = append(l.running, p)
	return p, nil
}

// startSelf starts this program in a submode that prints its address first.
func (l *lab) startSelf(core string, args ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	r, w := io.Pipe()
	p, err := l.start(core, w, append([]string{self}, args...)...)
	if err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("%s did not tell its address: %w", args[0], err)
	}
	go io.Copy(os.Stderr, r)
	p.addr = strings.TrimSpace(line)
	if _, _, err := net.SplitHostPort(p.addr); err != nil {
		return nil, fmt.Errorf("%s: %s", args[0], p.addr)
	}
	return p, nil
}

// stop ends a child: politely, then not.
func (p *process) stop() {
	if p.cmd == nil {
		return
	}
	p.in.Close()
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(5 * time.Second):
		p.cmd.Process.Kill()
		<-p.done
	}
}

func (l *lab) close() {
	for _, p := range l.running {
		p.stop()
	}
}

// ready waits until p serves at addr.
func (l *lab) ready(p *process, addr string) error {
	p.addr = addr
	for began := time.Now(); time.Since(began) < 15*time.Second; {
		select {
		case <-p.done:
			return errors.New("it ended at once")
		case <-l.ctx.Done():
			return l.ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
		if nc, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
			nc.Close()
			return nil
		}
	}
	return fmt.Errorf("nothing listens on %s after 15 s", addr)
}

// freeAddr returns a loopback address that nobody listens on.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// load applies a load and returns what it saw. during is called with true when
// the counting starts and with false when it has ended.
func (l *lab) load(args []string, during func(start bool)) (sample, error) {
	var s sample
	self, err := os.Executable()
	if err != nil {
		return s, err
	}
	r, w := io.Pipe()
	p, err := l.start(loadCore, w, append([]string{self, "load"}, args...)...)
	if err != nil {
		return s, err
	}
	go func() { <-p.done; w.Close() }()
	defer func() {
		r.Close()
		p.stop()
		l.running = l.running[:len(l.running)-1]
	}()
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		switch line := lines.Text(); {
		case l.ctx.Err() != nil:
			return s, l.ctx.Err()
		case line == "start", line == "open":
			during(true)
			if line == "open" {
				return s, nil
			}
		case line == "end":
			during(false)
		default:
			if err := json.Unmarshal([]byte(line), &s); err != nil {
				return s, fmt.Errorf("load: %s", line)
			}
			return s, nil
		}
	}
	return s, errors.New("the load ended without a result")
}
