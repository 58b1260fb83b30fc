package simulator

import (
	"encoding/hex"
	"math/rand/v2"
	"strconv"
	"strings"
)

// front sets the headers that every answer has.
func (c *call) front() {
	h := c.w.Header()
	c.requestID, c.traceID = guid(c.rng), guid(c.rng)
	h["Apim-Request-Id"] = []string{c.requestID}
	h["X-Request-Id"] = []string{c.traceID}
	client := c.r.Header["X-Ms-Client-Request-Id"]
	if client == nil {
		client = []string{"Not-Set"}
	}
	h["X-Ms-Client-Request-Id"] = client
	h["X-Content-Type-Options"] = []string{"nosniff"}
	h["Strict-Transport-Security"] = []string{"max-age=31536000; includeSubDomains; preload"}
	if c.res != nil && c.res.Region != "" {
		h["X-Ms-Region"] = []string{displayRegion(c.res.Region)}
	}
}

// served sets the headers of an answer that a model gives.
func (c *call) served() {
	h := c.w.Header()
	h["X-Ms-Deployment-Name"] = []string{headerSafe(c.dep.Name)}
	h["X-Ms-Rai-Invoked"] = []string{"true"}
	h["Azureml-Model-Session"] = []string{c.dep.session()}
	h["Access-Control-Allow-Origin"] = []string{"*"}
	h["Cache-Control"] = []string{"no-cache, must-revalidate"}
	took := strconv.FormatInt(c.sim.now().Sub(c.rec.Time).Milliseconds()+1, 10)
	h["X-Envoy-Upstream-Service-Time"] = []string{took}
	h["Openai-Processing-Ms"] = []string{took}
}

// session names the machine that serves the deployment; it stays the same.
func (d *deployment) session() string {
	var p prompt
	p.write(d.Name)
	return "d" + strconv.FormatUint(p.hash%1000, 10) + "-" + strconv.FormatUint(20240000000000+p.hash%1_000_000, 10)
}

// fingerprint is the system_fingerprint of a model.
func fingerprint(model string) string {
	var p prompt
	p.write(model)
	return "fp_" + strconv.FormatUint(p.hash&0xffffffffff|0x1000000000, 16)
}

// headerSafe drops what must not stand in a header field.
func headerSafe(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
}

// displayRegion turns "swedencentral" into "Sweden Central", as headers and messages
// show it. Regions it does not know stay as they are.
func displayRegion(region string) string {
	for _, name := range [...]string{
		"Australia East", "Brazil South", "Canada Central", "Canada East", "Central US", "East US", "East US 2",
		"France Central", "Germany West Central", "Italy North", "Japan East", "Korea Central", "North Central US",
		"North Europe", "Norway East", "Poland Central", "South Africa North", "South Central US",
		"South India", "Southeast Asia", "Spain Central", "Sweden Central", "Switzerland North",
		"Switzerland West", "UAE North", "UK South", "West Europe", "West US", "West US 2", "West US 3",
	} {
		if strings.EqualFold(strings.ReplaceAll(name, " ", ""), region) {
			return name
		}
	}
	return headerSafe(region)
}

// guid makes a GUID of random bits.
func guid(rng *rand.Rand) string {
	var b [16]byte
	fill(rng, b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	var out [36]byte
	hex.Encode(out[0:], b[:4])
	hex.Encode(out[9:], b[4:6])
	hex.Encode(out[14:], b[6:8])
	hex.Encode(out[19:], b[8:10])
	hex.Encode(out[24:], b[10:])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}

// id makes an object's id: a prefix and n letters and digits.
func (c *call) id(prefix string, n int) string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	out := make([]byte, 0, len(prefix)+n)
	out = append(out, prefix...)
	for range n {
		out = append(out, letters[c.rng.IntN(len(letters))])
	}
	return string(out)
}

// hexID makes an object's id: a prefix and n bytes in hexadecimal.
func (c *call) hexID(prefix string, n int) string {
	b := make([]byte, n)
	fill(c.rng, b)
	return prefix + hex.EncodeToString(b)
}

func fill(rng *rand.Rand, b []byte) {
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
}
