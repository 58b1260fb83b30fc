package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// target is a proxy to measure: start makes a fresh process of it.
type target struct {
	name    string
	start   func() (*process, error)
	full    func() (*process, error) // the same with a month behind it; nil where that makes no difference
	metrics string                   // URL of its /metrics; set by start, empty without
}

// baseline is the target that the ratios are to.
const baseline = "reverseproxy"

const adminKey = "bench-admin-key-0123456789abcdef"

// targets returns what is to be measured, in order. What cannot be is left out,
// with a word why.
func (l *lab) targets(o options) ([]*target, error) {
	var all []*target
	all = append(all, &target{name: "direct", start: func() (*process, error) { return &process{addr: l.upstream}, nil }})
	all = append(all, &target{name: "nginx", start: l.startNginx})
	all = append(all, &target{name: baseline, start: func() (*process, error) { return l.startSelf(proxyCore, "reverseproxy", l.upstream) }})
	gateway := &target{name: "tallygate"}
	gateway.start = func() (*process, error) { return l.startTallygate(o.tallygate, gateway, 0) }
	gateway.full = func() (*process, error) { return l.startTallygate(o.tallygate, gateway, filled) }
	all = append(all, gateway)
	for _, extra := range o.extra {
		t, err := external(extra)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	if o.only != "" {
		names := strings.Split(o.only, ",")
		for _, name := range names {
			if !slices.ContainsFunc(all, func(t *target) bool { return t.name == name }) {
				return nil, fmt.Errorf("-only: there is no target %q", name)
			}
		}
		all = slices.DeleteFunc(all, func(t *target) bool { return !slices.Contains(names, t.name) })
	}
	all = slices.DeleteFunc(all, func(t *target) bool {
		switch {
		case t.name == "nginx" && nginxPath() == "":
			fmt.Fprintln(l.out, "nginx skipped: it is not installed.")
			return true
		case t.name == "tallygate" && o.tallygate == "":
			fmt.Fprintln(l.out, "tallygate skipped: name its binary with -tallygate.")
			return true
		}
		return false
	})
	if len(all) == 0 {
		return nil, errors.New("nothing is left to measure")
	}
	return all, nil
}

// external is a proxy that somebody else started: name=http://host:port[,pid=N].
func external(s string) (*target, error) {
	name, where, ok := strings.Cut(s, "=")
	where, pidText, _ := strings.Cut(where, ",pid=")
	u, err := url.Parse(where)
	pid, perr := strconv.Atoi("0" + pidText)
	if !ok || name == "" || err != nil || u.Scheme != "http" || u.Host == "" || perr != nil {
		return nil, fmt.Errorf("-target %q: want name=http://host:port or name=http://host:port,pid=PID", s)
	}
	return &target{name: name, start: func() (*process, error) { return &process{addr: u.Host, pid: pid}, nil }}, nil
}

func nginxPath() string {
	if path, err := exec.LookPath("nginx"); err == nil {
		return path
	}
	if _, err := os.Stat("/usr/sbin/nginx"); err == nil { // not on everybody's PATH
		return "/usr/sbin/nginx"
	}
	return ""
}

func (l *lab) startNginx() (*process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(l.dir, "nginx-")
	if err != nil {
		return nil, err
	}
	user := ""
	if os.Getuid() == 0 {
		user = "user root;" // the directory is ours alone
	}
	conf := fmt.Sprintf(`daemon off; worker_processes 1; pid %[1]s/pid; error_log stderr crit; worker_rlimit_nofile 16384; %[4]s
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 100000000;
  client_body_buffer_size 1m; client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy;
  fastcgi_temp_path %[1]s/fastcgi; uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
  upstream stub { server %[2]s; keepalive 2048; keepalive_requests 100000000; }
  server {
    listen %[3]s backlog=4096;
    location / {
      proxy_pass http://stub; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffering off; proxy_read_timeout 600s;
    }
  }
}
`, dir, l.upstream, addr, user)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		return nil, err
	}
	p, err := l.start(proxyCore, nil, nginxPath(), "-p", dir, "-c", file)
	if err != nil {
		return nil, err
	}
	if err := l.ready(p, addr); err != nil {
		return nil, fmt.Errorf("nginx: %w", err)
	}
	return p, nil
}

// startTallygate starts the gateway with all that a request goes through: keys,
// limits, metering and the ledger, which holds so many entries already.
func (l *lab) startTallygate(binary string, t *target, entries int) (*process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	admin, err := freeAddr()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(l.dir, "tallygate-")
	if err != nil {
		return nil, err
	}
	conf := fmt.Sprintf(`listen: %s
admin: {listen: "%s", key: %s}
data: %s
resources:
  - name: bench
    endpoint: http://%s
    key: bench-upstream-key-0123456789abcdef
    deployments:
      - {name: gpt-4o, model: gpt-4o}
callers:
  - name: bench
    key: %s
    limits:
      - {requests: 100M, per: minute}
      - {tokens: 1000000M, per: minute}
`, addr, admin, adminKey, filepath.Join(dir, "data"), l.upstream, callerKey)
	if entries > 0 {
		conf += "      - {tokens: 1000000M, per: month}\n" // which begins with what there is
		if err := fill(l.ctx, filepath.Join(dir, "data"), entries); err != nil {
			return nil, fmt.Errorf("fill a ledger: %w", err)
		}
	}
	file := filepath.Join(dir, "tallygate.yaml")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p, err := l.start(proxyCore, log, binary, "serve", "--config", file)
	if err != nil {
		return nil, err
	}
	if err := l.ready(p, addr); err != nil {
		said, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("tallygate: %w\n%s", err, said)
	}
	t.metrics = "http://" + admin + "/metrics"
	return p, nil
}

// mallocs reads go_memstats_mallocs_total from a target's metrics.
func mallocs(url string) (float64, error) {
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+adminKey)
	client := http.Client{Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "go_memstats_mallocs_total "); ok {
			return strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return 0, fmt.Errorf("%s answers %s without go_memstats_mallocs_total", url, res.Status)
}
