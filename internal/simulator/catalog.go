package simulator

import "strings"

// model is what the simulator knows of a model.
type model struct {
	name, version string
	// since is the first api-version that serves it, where there is a gate.
	since string
	// What it can do. A model that reasons refuses max_tokens and sampling options.
	chats, completes, embeds, reasons bool
	hears, speaks, draws              bool
	drawsTokens                       bool    // images are billed in tokens
	audioTokens                       float64 // of a second of audio; 0: time or characters are billed
	context, output                   int64   // tokens
	dimensions                        int     // of an embedding
	shortens                          bool    // takes dimensions
	rpmPerTPM                         float64
	// A PTU drains so many input tokens a minute; an output token weighs so much.
	ptuTokens, ptuOutput float64
}

// full is the name that answers carry.
func (m model) full() string {
	if m.version == "" {
		return m.name
	}
	return m.name + "-" + m.version
}

// modelNamed returns the catalogue's entry for a name, with or without a version, or
// that of its family; a name of no family gets gpt-4o's abilities.
func modelNamed(name string) model {
	key := strings.ToLower(strings.Replace(name, "gpt-3.5", "gpt-35", 1))
	best := model{}
	for _, m := range catalog() {
		if strings.HasPrefix(key, m.name) && len(m.name) > len(best.name) {
			best = m
		}
	}
	if best.name == "" {
		best = chatModel("", "", 128_000, 16_384, 2500, 4)
	}
	if best.name != key {
		best.name, best.version = name, ""
	}
	return best
}

func catalog() []model {
	return []model{
		chatModel("gpt-4o", "2024-11-20", 128_000, 16_384, 2500, 4),
		chatModel("gpt-4o-mini", "2024-07-18", 128_000, 16_384, 37_000, 4),
		chatModel("gpt-4.1", "2025-04-14", 1_047_576, 32_768, 3000, 4),
		chatModel("gpt-4.1-mini", "2025-04-14", 1_047_576, 32_768, 14_900, 4),
		chatModel("gpt-4.1-nano", "2025-04-14", 1_047_576, 32_768, 59_400, 4),
		chatModel("gpt-4", "0613", 8_192, 4_096, 800, 2),
		chatModel("gpt-4-32k", "0613", 32_768, 4_096, 400, 2),
		chatModel("gpt-4-turbo", "2024-04-09", 128_000, 4_096, 1000, 3),
		chatModel("gpt-35-turbo", "0125", 16_385, 4_096, 5000, 2),
		reasoner("gpt-5", "2025-08-07", 400_000, 4750, 8),
		reasoner("gpt-5-mini", "2025-08-07", 400_000, 23_750, 8),
		reasoner("gpt-5-nano", "2025-08-07", 400_000, 60_000, 8),
		reasoner("gpt-5.1", "2025-11-13", 400_000, 4750, 8),
		reasoner("gpt-5.2", "2025-12-11", 400_000, 3400, 8),
		reasoner("gpt-5.4", "", 1_050_000, 2400, 6),
		reasoner("gpt-5.5", "", 1_050_000, 1200, 6),
		chatModel("gpt-5-chat", "2025-08-07", 128_000, 16_384, 4750, 8),
		gated(reasoner("o1", "2024-12-17", 200_000, 230, 4), "2024-12-01-preview", 1.0/6000),
		gated(reasoner("o3", "2025-04-16", 200_000, 3000, 4), "2024-12-01-preview", 1.0/1000),
		gated(reasoner("o3-mini", "2025-01-31", 200_000, 2500, 4), "2024-12-01-preview", 1.0/10_000),
		gated(reasoner("o4-mini", "2025-04-16", 200_000, 5400, 4), "2024-12-01-preview", 1.0/1000),
		instruct("gpt-35-turbo-instruct", "0914", 4_096),
		instruct("davinci-002", "", 16_384),
		instruct("babbage-002", "", 16_384),
		embedding("text-embedding-3-small", 1536, true),
		embedding("text-embedding-3-large", 3072, true),
		embedding("text-embedding-ada-002", 1536, false),
		hearingModel("whisper", "001", 0),
		hearingModel("gpt-4o-transcribe", "", 10),
		hearingModel("gpt-4o-mini-transcribe", "", 10),
		speakingModel("tts", "001", 0),
		speakingModel("tts-hd", "001", 0),
		speakingModel("gpt-4o-mini-tts", "", 20),
		drawingModel("dall-e-2", "2.0", false),
		drawingModel("dall-e-3", "3.0", false),
		drawingModel("gpt-image-1", "2025-04-15", true),
		drawingModel("gpt-image-1-mini", "", true),
		drawingModel("gpt-image-1.5", "", true),
	}
}

func chatModel(name, version string, context, output int64, ptuTokens, ptuOutput float64) model {
	m := model{name: name, version: version, chats: true, context: context, output: output,
		rpmPerTPM: 6.0 / 1000, ptuTokens: ptuTokens, ptuOutput: ptuOutput}
	switch {
	case strings.HasPrefix(name, "gpt-4o") && name != "gpt-4o-mini":
		m.rpmPerTPM = 10.0 / 1000
	case strings.HasPrefix(name, "gpt-4.1"), strings.HasPrefix(name, "gpt-5"):
		m.rpmPerTPM = 1.0 / 1000
	}
	return m
}

func reasoner(name, version string, context int64, ptuTokens, ptuOutput float64) model {
	m := chatModel(name, version, context, 128_000, ptuTokens, ptuOutput)
	if strings.HasPrefix(name, "o") {
		m.output = 100_000
	}
	m.reasons, m.rpmPerTPM = true, 1.0/1000
	return m
}

func gated(m model, since string, rpmPerTPM float64) model {
	m.since, m.rpmPerTPM = since, rpmPerTPM
	return m
}

func instruct(name, version string, context int64) model {
	return model{name: name, version: version, completes: true, context: context, output: context,
		rpmPerTPM: 6.0 / 1000, ptuTokens: 2500, ptuOutput: 4}
}

func embedding(name string, dimensions int, shortens bool) model {
	return model{name: name, embeds: true, context: 8_192, dimensions: dimensions, shortens: shortens,
		rpmPerTPM: 6.0 / 1000, ptuTokens: 2500, ptuOutput: 0}
}

func hearingModel(name, version string, audioTokens float64) model {
	return model{name: name, version: version, hears: true, audioTokens: audioTokens, rpmPerTPM: 6.0 / 1000, ptuTokens: 2500}
}

func speakingModel(name, version string, audioTokens float64) model {
	return model{name: name, version: version, speaks: true, audioTokens: audioTokens, rpmPerTPM: 6.0 / 1000, ptuTokens: 2500}
}

func drawingModel(name, version string, tokens bool) model {
	return model{name: name, version: version, draws: true, drawsTokens: tokens, rpmPerTPM: 6.0 / 1000, ptuTokens: 2500}
}
