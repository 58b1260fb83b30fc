package simulator

import (
	"net/http"
	"strings"
)

// authenticate checks the credential as the service does: a key in api-key anywhere,
// a key as bearer token on the v1 routes, an access token as bearer token anywhere.
// Where both headers are present, api-key decides.
func (c *call) authenticate() *apiError {
	if key := c.r.Header.Get("Api-Key"); key != "" {
		return c.checkKey(key)
	}
	header := c.r.Header.Get("Authorization")
	token, isBearer := cutBearer(header)
	if !isBearer {
		return badKey()
	}
	isKey, known := c.res.keys[token]
	switch {
	case known && !isKey:
		return nil
	case c.style == styleV1 && !strings.Contains(token, "."):
		return c.checkKey(token)
	}
	return badToken(c.r.Host)
}

func (c *call) checkKey(key string) *apiError {
	if isKey, known := c.res.keys[key]; !known || !isKey {
		return badKey()
	}
	if c.res.KeysDisabled {
		return apimError(http.StatusForbidden, "AuthenticationTypeDisabled",
			"Key based authentication is disabled for this resource.")
	}
	return nil
}

// cutBearer returns the token of an Authorization header with the Bearer scheme.
func cutBearer(header string) (string, bool) {
	scheme, token, ok := strings.Cut(header, " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}

func badKey() *apiError {
	return apimError(http.StatusUnauthorized, "401", "Access denied due to invalid subscription key or wrong API "+
		"endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API "+
		"endpoint for your resource.")
}

// badToken is the one answer without an error object around it.
func badToken(host string) *apiError {
	audience := "https://cognitiveservices.azure.com"
	if strings.Contains(host, ".services.ai.azure.com") {
		audience = "https://ai.azure.com"
	}
	return &apiError{status: http.StatusUnauthorized, body: marshal(map[string]any{
		"statusCode": http.StatusUnauthorized,
		"message": "Unauthorized. Access token is missing, invalid, audience is incorrect (" + audience +
			"), or have expired.",
	})}
}
