package tallygate

import "strings"

// Withheld reports whether a request header of that name, in any letter case, never goes
// to a resource, whatever a configuration says: what proves who somebody is, what would
// choose another deployment, method or address than was checked, what concerns one
// connection, and what tells where the client is.
func Withheld(name string) bool {
	name = strings.ToLower(name)
	if name == "idempotency-key" {
		return false
	}
	for _, word := range [...]string{
		// Credentials.
		"api-key", "apikey", "authorization", "authenticat", "cookie", "token", "secret", "password", "credential", "event-code",
		"subscription", "assertion", "signature", "jwt",
		// Another deployment, method or address.
		"deployment", "spillover", "-model", "model-", "method", "original", "rewrite", "x-http-", "override", "host",
		// Where the client is.
		"forwarded", "-ip", "client-ip", "clientip", "client-cert", "real-", "remote-",
	} {
		if strings.Contains(name, word) {
			return true
		}
	}
	for _, prefix := range [...]string{
		"x-ms-client-principal", "x-azure-", "x-appgw-", "x-arr-", "x-waws-", "x-tallygate-", "x-goog-", "x-amz-", "x-envoy-", "cf-", "cdn-", "fastly-",
		"sec-", "proxy-", "openai-organization", "openai-project",
	} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	switch name {
	case "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect", "content-length", "accept-encoding",
		"via", "origin", "referer", "forwarded", "from", "max-forwards", "disguised-host", "was-default-hostname", "x-cluster-client-ip", "model":
		return true
	}
	return strings.HasSuffix(name, "-key")
}
