package op

const (
	job        Kind = "fine_tuning.job"
	checkpoint Kind = "fine_tuning.checkpoint"
	permission Kind = "checkpoint.permission"
	eval       Kind = "eval"
	evalRun    Kind = "eval.run"
	outputItem Kind = "eval.run.output_item"
)

// fineTuning has base models in its bodies, not deployments.
func fineTuning() family {
	return family{"fine_tuning", true, []Unit{
		kept("GET", "fine_tuning/jobs"),
		kept("POST", "fine_tuning/jobs").starts().makes(job),
		kept("GET DELETE", "fine_tuning/jobs/{id}", job),
		kept("POST", "fine_tuning/jobs/{id}/cancel", job),
		kept("POST", "fine_tuning/jobs/{id}/pause", job),
		kept("POST", "fine_tuning/jobs/{id}/resume", job).starts(),
		kept("GET", "fine_tuning/jobs/{id}/events", job),
		kept("GET", "fine_tuning/jobs/{id}/checkpoints", job),
		kept("GET POST", "fine_tuning/jobs/{id}/checkpoints/{id}/copy", job, checkpoint),
		kept("GET", "fine_tuning/checkpoints/{id}/permissions", checkpoint),
		kept("POST", "fine_tuning/checkpoints/{id}/permissions", checkpoint).makes(permission),
		kept("DELETE", "fine_tuning/checkpoints/{id}/permissions/{id}", checkpoint, permission),
		kept("POST", "fine_tuning/alpha/graders/run").starts(),
		kept("POST", "fine_tuning/alpha/graders/validate"),
	}}
}

func evals() family {
	return family{"evals", true, []Unit{
		kept("GET", "evals"),
		kept("POST", "evals").makes(eval),
		kept("GET POST DELETE", "evals/{id}", eval),
		kept("GET", "evals/{id}/runs", eval),
		kept("POST", "evals/{id}/runs", eval).starts().makes(evalRun),
		kept("GET DELETE", "evals/{id}/runs/{id}", eval, evalRun),
		kept("POST", "evals/{id}/runs/{id}", eval, evalRun), // cancels it
		kept("POST", "evals/{id}/runs/{id}/cancel", eval, evalRun),
		kept("GET", "evals/{id}/runs/{id}/output_items", eval, evalRun),
		kept("GET", "evals/{id}/runs/{id}/output_items/{id}", eval, evalRun, outputItem),
	}}
}
