// Package simulator is a faithful fake of Azure OpenAI: many resources in one
// process, each with deployments that have a model, a SKU with its limits, a region
// and a lifelike latency. It is a product feature (people test their own code and
// rehearse their capacity on it) and the upstream of the project's own tests.
//
// It imports nothing of the project, on purpose: it knows the service's published
// contract and nothing of the gateway's reading of it, so that a misread contract
// cannot agree with itself.
//
// # Answers
//
// An answer depends on the seed and on the request alone: the same question gets the
// same words, every time, on every machine. Ids, header values and latencies differ
// from request to request, and follow from the seed and the order of arrival.
//
// A token is a piece of text: a word of up to eight bytes with the space before it, a
// run of white space, or a punctuation mark (see piece). Prompts and completions are
// counted alike. In a stream every piece is one chunk, so completion_tokens is the
// number of content chunks, plus reasoning_tokens, plus the pieces of the names of
// called functions. A prompt costs 3 tokens a message and 3 for the whole, 1 for a
// name, 85 or 765 for an image, and the pieces of its tools' JSON.
//
// # Markers
//
// Words in double square brackets steer the answer. They count in the last user
// message of a chat, in the last user input of a response, in the prompt of a
// completion and in the input of embeddings (filter and status only).
//
//	[[tokens=200]]     answer with exactly 200 pieces of text (up to 100,000)
//	[[echo]]           answer with the message itself, less its markers
//	[[filter]]         400 content_filter, the prompt is refused
//	[[filter-output]]  the answer breaks off with finish_reason content_filter
//	[[refuse]]         the model refuses: the refusal field in place of the content
//	[[tool]]           call the first tool even if nothing else asks for it
//	[[tools=3]]        call three tools in parallel
//	[[reasoning=128]]  spend 128 reasoning tokens (reasoning models; up to 100,000)
//	[[wait=2s]]        wait before the first token, whatever the pace (up to 10m)
//	[[cut=5]]          break a stream off after five events: its connection is reset
//	[[status=503]]     answer with that error, as a fault of that status would
//
// # Audio and images
//
// Audio is not listened to: a recording's words follow from its length, which a WAV's
// header says and any other file's bytes at 128 kbit/s. Speech is silence, of a second
// for 15 characters. Images are 64 pixels wide, whatever size was asked for and is
// billed. The markers count in their prompt, or in the input of speech.
//
// # Stored objects
//
// Files, batches, vector stores, conversations, containers, fine-tuning jobs, assistants,
// threads, evals and videos can be made, read, listed, changed and deleted. They do
// nothing: a batch or a run has ended when it is next looked at. Whoever has a key of the
// resource sees them all, as at the service.
//
// # Limits
//
// Standard deployments count requests and estimated tokens in windows of a minute,
// provisioned ones run a leaky bucket; see Deployment. Requests beyond them are
// answered 429 in the generation of body that the deployment speaks.
//
// # Faults
//
// Faults are scripted with AddFault or the admin routes; see Fault.
//
// # Admin routes
//
// ServeHTTP answers below /_simulator/ when Config.AdminKey is set and the request
// carries it as api-key or bearer token: GET and DELETE counters, GET counters/total,
// GET requests, GET requests/{id}, GET, POST and DELETE faults, DELETE faults/{id}, POST windows/reset, GET
// deployments, PATCH deployments/{resource}/{name}.
package simulator
