package simulator

// What answers are made of. A percent sign stands for a word of the question.

func greetings() []string {
	return []string{
		"Hello! How can I help you today?",
		"Hi there! What would you like to work on?",
		"Hello! Ask me anything, and I will do my best to answer.",
		"Hi! It is good to hear from you. What can I do for you?",
	}
}

func openings() []string {
	return []string{
		"Here is a short overview of %.",
		"Let us take % step by step.",
		"In brief, % is easier than it looks once its parts have names.",
		"Good question: % touches on a few ideas that build on one another.",
		"The short answer is that % depends on what you want to reach.",
		"There are several good ways to think about %.",
		"To start with the essentials of %:",
		"Happy to help with %.",
		"When people ask about %, they usually mean one of two things.",
		"**%** is worth a closer look.",
	}
}

func sentences() []string {
	return []string{
		"The first thing to settle is what you expect of %, because everything else follows from that.",
		"A small example often says more about % than a long definition.",
		"It helps to separate what changes often from what stays the same.",
		"Many people begin with % and only later see how much the details matter.",
		"In practice, the simplest version that works is a good place to stop and look around.",
		"If you measure before and after, you will know whether % made the difference.",
		"There is a trade-off here: more control over % means more to look after.",
		"One common mistake is to treat % as a single problem when it is really three.",
		"You can try this in a few minutes and keep what works.",
		"The same idea returns in other fields under other names.",
		"Once % is in place, the next step is usually to make it repeatable.",
		"It is worth writing down the assumptions, since they are what changes first.",
		"Compared with the alternatives, % asks for a little more thought at the start and less later on.",
		"For most teams, the cost of % is not money but attention.",
		"A good test is whether you can explain % to somebody who has never seen it.",
		"Keep an eye on the edges: empty input, very long input, and input nobody planned for.",
		"None of this is set in stone, and a second opinion is always useful.",
		"The history of % explains why some of its rules look odd today.",
		"Think of it as a conversation: each step answers a question that the one before raised.",
		"With that in mind, % becomes a matter of choosing the right order.",
		"Where accuracy matters, check the numbers against a source you trust.",
		"The details differ from place to place, but the shape of % is the same everywhere.",
		"Start small, look at the result, and let that decide what comes next.",
		"What surprises most people about % is how little of it is new.",
	}
}

func points() []string {
	return []string{
		"**Purpose:** say in one sentence what % is for.",
		"**Scope:** decide what belongs to % and what does not.",
		"**Order:** begin with the part that everything else needs.",
		"**Evidence:** note how you will tell that it works.",
		"**Limits:** know where % stops being the right tool.",
		"**Cost:** count time and attention as well as money.",
		"**People:** ask those who will live with the result.",
		"**Review:** come back to % after a week with fresh eyes.",
	}
}

func closings() []string {
	return []string{
		"Would you like me to go deeper into any of these points?",
		"If you tell me more about your situation, I can be more specific.",
		"Let me know which part of % you would like to explore next.",
		"I hope this gives you a good start.",
		"Shall I turn this into a short plan?",
	}
}

func snippets() []string {
	return []string{
		"```python\ndef NAME(items):\n    \"\"\"Return the items in order, without repeats.\"\"\"\n    " +
			"seen = set()\n    result = []\n    for item in items:\n        if item not in seen:\n            " +
			"seen.add(item)\n            result.append(item)\n    return result\n\n\n" +
			"print(NAME([3, 1, 3, 2]))\n```",
		"```python\ndef NAME(text: str) -> dict[str, int]:\n    counts: dict[str, int] = {}\n    " +
			"for word in text.lower().split():\n        counts[word] = counts.get(word, 0) + 1\n    " +
			"return counts\n```",
		"```go\nfunc NAME(values []int) (sum int) {\n\tfor _, v := range values {\n\t\tsum += v\n\t}\n\t" +
			"return sum\n}\n```",
		"```javascript\nconst NAME = (list) =>\n  list.filter((x) => x != null).map(String).join(\", \");\n\n" +
			"console.log(NAME([1, null, 2]));\n```",
	}
}

// refusals are what a model says in place of an answer.
func refusals() []string {
	return []string{
		"I'm sorry, but I can't help with that.",
		"I'm sorry, I can't assist with that request.",
	}
}
