import type { Model, Prompt, Session } from '../api/types'
import { reasons, sees } from './request'

const most = 12

/** What a chat may begin with: the organiser's own, else a few of ours that suit the model. */
export function promptsFor(session: Session, model: Model | undefined): Prompt[] {
  const own = organisersPrompts(session)
  if (own.length > 0) return own
  if (!model) return []
  return [...(sees(model) ? [picture] : []), ...(reasons(model) ? puzzles : texts)].slice(0, 4)
}

export const organisersPrompts = (session: Session): Prompt[] => session.event?.prompts.slice(0, most) ?? []

const picture: Prompt = { title: 'Read a picture', text: 'Describe the picture I attach: first what it shows, then any text in it, word for word.' }

const texts: Prompt[] = [
  { title: 'Explain simply', text: 'Explain how a refrigerator works to somebody of twelve, in five sentences.' },
  { title: 'Summarise', text: 'Summarise the following text in three points, then say what it leaves open:\n\n' },
  { title: 'Write code', text: 'Write a Python function that finds the longest word of a text, with two tests.' },
  { title: 'Compare', text: 'Compare SQL and document databases in a table: what each is good at, and what it costs.' },
]

const puzzles: Prompt[] = [
  { title: 'Solve a puzzle', text: 'Three friends share 17 coins so that each has a different number, and nobody has more than 8. Which ways are there? Show how you know that none is missing.' },
  { title: 'Plan', text: 'Plan the move of a web shop to a new database without downtime. Name the steps, what can go wrong at each, and how to go back.' },
  { title: 'Find the fault', text: 'Find the fault in this code and explain it:\n\ndef mean(xs):\n    total = 0\n    for i in range(1, len(xs)):\n        total += xs[i]\n    return total / len(xs)' },
]

/**
 * The draft after a prompt was chosen: it takes the place of nothing, or of a prompt chosen
 * before; what the person has typed is kept before it.
 */
export function withPrompt(draft: string, text: string, all: Prompt[]): string {
  const own = draft.trim()
  if (own === '' || [...all, picture, ...texts, ...puzzles].some((p) => p.text.trim() === own)) return text
  return `${draft.trimEnd()}\n\n${text}`
}
