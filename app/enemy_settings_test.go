package app_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// ask2Bytes is the header of a GET /v1/models, without a key, as HTTP/2 packs it. No field is
// kept in a table, so that every request may have the same bytes.
func ask2Bytes() []byte {
	var b bytes.Buffer
	enc := hpack.NewEncoder(&b)
	for _, f := range [][2]string{{":method", "GET"}, {":scheme", "https"}, {":authority", "gateway.example"}, {":path", "/v1/models"}} {
		_ = enc.WriteField(hpack.HeaderField{Name: f[0], Value: f[1], Sensitive: true}) // a buffer takes all
	}
	return b.Bytes()
}

// alternate asks for models as often as it can on a connection of its own and changes
// before each how large a table of headers it would keep. It returns how many were
// answered.
func alternate(addr string, until time.Time) (answered int, err error) {
	c, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}) // the test's own gateway
	if err != nil {
		return 0, err
	}
	defer c.Close()
	_ = c.SetDeadline(until.Add(20 * time.Second))
	if _, err := c.Write([]byte(http2.ClientPreface)); err != nil {
		return 0, err
	}
	const together = 64
	places, gone := make(chan struct{}, together), make(chan error, 1)
	go func() {
		in := http2.NewFramer(nil, c)
		for {
			f, err := in.ReadFrame()
			if a, away := f.(*http2.GoAwayFrame); away {
				err = fmt.Errorf("sent away: %v", a.ErrCode)
			}
			if err != nil {
				gone <- err
				return
			}
			if h := f.Header(); h.StreamID > 0 && h.Flags.Has(http2.FlagDataEndStream) || h.Type == http2.FrameRSTStream {
				<-places
			}
		}
	}()
	out, block := http2.NewFramer(c, nil), ask2Bytes()
	err = errors.Join(out.WriteSettings(), out.WriteWindowUpdate(0, 1<<30)) // it takes all
	for id := uint32(1); err == nil && time.Now().Before(until); id += 2 {
		select {
		case err = <-gone:
			return answered, err
		case places <- struct{}{}:
			answered = int(id/2) + 1 - len(places)
		}
		_ = out.WriteSettings(http2.Setting{ID: http2.SettingHeaderTableSize, Val: 4096 * (id / 2 % 2)})
		err = out.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block, EndStream: true, EndHeaders: true})
	}
	return answered, err
}

// Connections without a key that change their SETTINGS_HEADER_TABLE_SIZE with every
// request (GO-2026-6617) end neither the process nor anybody else's requests. Go 1.26.8
// dies of it within seconds.
func TestChangingHeaderTables(t *testing.T) {
	g := startGateway(t, three(), overTLS)
	addr := g.app.Addr().String()
	until := time.Now().Add(2 * time.Second)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if n, err := alternate(addr, until); err != nil || n == 0 {
				t.Errorf("%d answered: %v", n, err)
			}
		})
	}
	client := http2Client(t, 64<<10, nil)
	for time.Now().Before(until) {
		res := g.ask2(client, chat("Hello"))
		if res.StatusCode != http.StatusOK {
			t.Fatalf("beside it, a chat is answered %s", res.Status)
		}
		res.Body.Close()
	}
	wg.Wait()
}
