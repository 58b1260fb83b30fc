package tallygate_test

import (
	"testing"

	"github.com/tallygate/tallygate"
)

func TestWithheld(t *testing.T) {
	for name, want := range map[string]bool{
		"api-key": true, "Authorization": true, "X-API-KEY": true, "Cookie": true, "openai-event-code": true, "X-Auth-Token": true,
		"ocp-apim-subscription-key": true, "x-functions-key": true, "proxy-authorization": true, "X-Ms-Client-Principal-Id": true,
		"x-ms-spillover-deployment": true, "X-MS-OAI-Image-Generation-Deployment": true, "azureml-model-deployment": true,
		"X-HTTP-Method-Override": true, "X-Method-Override": true, "X-Original-URL": true, "X-Rewrite-Url": true, "Host": true, "X-Host": true,
		"X-Forwarded-For": true, "X-Real-IP": true, "True-Client-IP": true, "X-Azure-ClientIP": true, "CF-Connecting-IP": true,
		"Client-IP": true, "Via": true, "Connection": true, "Openai-Organization": true, "openai-project": true, "X-Tallygate-Max-Wait": true,
		"X-My-Trace": false, "X-Request-Id": false, "Idempotency-Key": false, "Prefer": false, "X-Cost-Center": false, "OpenAI-Beta": false,
		"Content-Type": false, "X-Stainless-Lang": false, "Traceparent": false,
	} {
		if tallygate.Withheld(name) != want {
			t.Errorf("Withheld(%q) is %v", name, !want)
		}
	}
}
