package main

// faultHelp tells of the admin routes, and of the body that scripts a fault.
const faultHelp = `With the scenario's admin key as api-key, requests script faults and look on:
  POST   /_simulator/faults        make one; it answers with its id
  GET    /_simulator/faults        all, with how often each was hit
  DELETE /_simulator/faults[/ID]   all or one
  GET    /_simulator/counters[/total], /_simulator/requests[/REQUEST-ID]

A fault is JSON: kind, and as it needs them status, retry_after, chunks, delay.
resource, deployment, operation, method, request_header ({"name": "part"}),
request_body (a part of it), after, count and probability narrow it.
  status         answers with status (429, 500, …); retry_after in seconds.
                 code, message and param make the error; these codes are known:
                 model_error (500), external_connector_error (424),
                 model_not_found (404), no_matching_deployment (400),
                 deployment_gone (410)
  answer         answers with status (200) and exactly raw, which may be empty
  garbage        answers 502 with HTML
  alter          changes no more of an answer than the fields below
  reset, stall   resets the connection, or is silent for delay, before an answer
  stall-body     sends the head, and the body after delay
  truncate-body  resets the connection in the middle of a body
  slow-headers   sends header lines with delay between them
  no-usage       leaves usage out of the answer
  refusal        refuses inside a 200
and of streams, after so many chunks:
  reset-stream, stall-stream, truncate, truncate-json, error-event
  failed-event   ends in response.failed with "error": null
  cut-choice     cuts the last choice after chunks pieces; the others finish
  no-done        leaves [DONE] out
  dribble        sends pieces of chunks bytes
These go with any kind: header ({"name": "value"}; "" takes one away),
content_type ("none" sends none), encoding (gzip, br), retry_after, and usage,
which replaces the usage of an answer in JSON.

  curl -H 'api-key: KEY' http://127.0.0.1:9000/_simulator/faults -d '
  {"kind": "status", "status": 429, "retry_after": "5", "count": 10}'
  curl -H 'api-key: KEY' http://127.0.0.1:9000/_simulator/faults -d '
  {"kind": "stall-stream", "deployment": "gpt-4o", "chunks": 3, "delay": "30s"}'
  curl -H 'api-key: KEY' http://127.0.0.1:9000/_simulator/faults -d '
  {"kind": "status", "code": "model_error", "request_body": "poison"}'
  curl -H 'api-key: KEY' http://127.0.0.1:9000/_simulator/faults -d '
  {"kind": "alter", "header": {"x-ratelimit-remaining-tokens": "-1"}}'`
