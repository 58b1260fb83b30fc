package op

const (
	assistant Kind = "assistant"
	thread    Kind = "thread"
	message   Kind = "thread.message"
	run       Kind = "thread.run"
	runStep   Kind = "thread.run.step"
)

func assistants() family {
	return family{"assistants", true, []Unit{
		kept("GET", "assistants"),
		kept("POST", "assistants").makes(assistant),
		kept("GET POST DELETE", "assistants/{id}", assistant),
	}}
}

func threads() family {
	return family{"threads", true, []Unit{
		kept("POST", "threads").makes(thread),
		kept("POST", "threads/runs").starts().makes(run),
		kept("GET POST DELETE", "threads/{id}", thread),
		kept("GET", "threads/{id}/messages", thread),
		kept("POST", "threads/{id}/messages", thread).makes(message),
		kept("GET POST DELETE", "threads/{id}/messages/{id}", thread, message),
		kept("GET", "threads/{id}/runs", thread),
		kept("POST", "threads/{id}/runs", thread).starts().makes(run),
		kept("GET POST", "threads/{id}/runs/{id}", thread, run),
		kept("POST", "threads/{id}/runs/{id}/cancel", thread, run),
		kept("POST", "threads/{id}/runs/{id}/submit_tool_outputs", thread, run).starts(),
		kept("GET", "threads/{id}/runs/{id}/steps", thread, run),
		kept("GET", "threads/{id}/runs/{id}/steps/{id}", thread, run, runStep),
	}}
}
