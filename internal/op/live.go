package op

const (
	videoJob   Kind = "video.generation.job"
	generation Kind = "video.generation"
	movie      Kind = "video"
	session    Kind = "realtime.session"
	call       Kind = "realtime.call"
)

// video is the preview's, videos what came after it.
func video() family {
	return family{"video", true, []Unit{
		kept("GET", "video/generations/jobs"),
		kept("POST", "video/generations/jobs").starts().makes(videoJob),
		kept("GET DELETE", "video/generations/jobs/{id}", videoJob),
		kept("GET", "video/generations/{id}", generation),
		kept("GET", "video/generations/{id}/content/{id...}", generation, generation),
	}}
}

func videos() family {
	return family{"videos", true, []Unit{
		kept("GET", "videos"),
		kept("POST", "videos").starts().makes(movie),
		kept("GET DELETE", "videos/{id}", movie),
		kept("GET", "videos/{id}/content", movie),
		kept("POST", "videos/{id}/remix", movie).starts().makes(movie),
	}}
}

func realtime() family {
	return family{"realtime", true, []Unit{
		kept("GET", "realtime"),
		kept("POST", "realtime/client_secrets").starts().makes(session),
		kept("POST", "realtime/sessions").starts().makes(session),
		kept("POST", "realtime/transcription_sessions").starts().makes(session),
		kept("POST", "realtime/calls").starts().makes(call),
		kept("POST", "realtime/calls/{id}/accept", call).starts(),
		kept("POST", "realtime/calls/{id}/reject", call),
		kept("POST", "realtime/calls/{id}/hangup", call),
		kept("POST", "realtime/calls/{id}/refer", call),
	}}
}
