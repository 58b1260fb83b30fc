package simulator

import (
	"net/http"
	"strconv"
	"time"
)

// Generation is a generation of 429 bodies; all are live at the service.
type Generation string

// The generations.
const (
	// Classic has code "429" and names the operation and the api-version.
	Classic Generation = "classic"
	// Named has code RateLimitReached and names deployment, model and region.
	Named Generation = "named"
	// Typed has type too_many_requests and code rate_limit_exceeded.
	Typed Generation = "typed"
	// NoCapacity has code no_capacity: the model's shared pool is exhausted, whatever
	// the deployment's quota.
	NoCapacity Generation = "no_capacity"
	// Provisioned is what a PTU deployment says; in faults only.
	Provisioned Generation = "ptu"
)

func (g Generation) known() bool {
	switch g {
	case "", Classic, Named, Typed, NoCapacity, Provisioned:
		return true
	}
	return false
}

const (
	noCapacityMessage = "The system is currently experiencing high demand and cannot process your request. Your " +
		"request exceeds the maximum usage size allowed during peak load. For improved capacity reliability, " +
		"consider switching to Provisioned Throughput."
	provisionedMessage = "Requests have exceeded the throughput limit on your Provisioned-Managed deployment. If " +
		"you continue to exceed your limit, consider increasing the number of provisioned throughput units deployed."
)

// throttled is the answer to a request that a limit refuses.
func (c *call) throttled(v verdict) *apiError {
	g := c.dep.Throttle
	if v.what == "ptu" {
		g = Provisioned
	}
	e := c.throttleBody(g, v.what, seconds(v.retry))
	e.header = func(h http.Header) { retryAfter(h, v.retry) }
	return e
}

// throttleBody is a 429 of a generation. what ran out is "token" or "call".
func (c *call) throttleBody(g Generation, what string, after int64) *apiError {
	if g == "" {
		if g = Classic; c.style == styleV1 {
			g = Typed
		}
	}
	version := c.version
	if version == "" {
		version = "v1"
	}
	retry := " Please retry after " + strconv.FormatInt(after, 10) + " seconds. Please go here: " +
		"https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit."
	var name, model string
	if c.dep != nil {
		name, model = c.dep.Name, c.dep.Model
	}
	const status = http.StatusTooManyRequests
	switch g {
	case Named:
		return apimError(status, "RateLimitReached", "Your requests to "+name+" for "+model+" in "+
			displayRegion(c.res.Region)+" have exceeded the "+what+" rate limit for your current AIServices S0 "+
			"pricing tier. This request was for "+c.op.title+" under Azure OpenAI API version "+version+"."+retry)
	case Typed:
		if what == "call" {
			what = ""
		} else {
			what += " "
		}
		return modelError(status, "Your requests to "+name+" for "+model+" in "+c.res.Region+
			" have exceeded "+what+"rate limit.", "too_many_requests", "", "rate_limit_exceeded")
	case NoCapacity:
		return modelError(status, noCapacityMessage, "too_many_requests", "", "no_capacity")
	case Provisioned:
		return apimError(status, "429", provisionedMessage)
	}
	return apimError(status, "429", "Requests to the "+c.op.title+" Operation under Azure OpenAI API version "+
		version+" have exceeded "+what+" rate limit of your current OpenAI S0 pricing tier."+retry)
}

// retryAfter sets both hints: whole seconds rounded up, and milliseconds.
func retryAfter(h http.Header, d time.Duration) {
	setInt(h, "retry-after", seconds(d))
	setInt(h, "retry-after-ms", max(1, d.Milliseconds()))
}
