/** Programs that make the same call as the page, with the key taken from the environment. */
import { csharp } from './csharp'
import { go } from './go'
import { java } from './java'
import { javascript } from './javascript'
import { python } from './python'
import { json, type Sample } from './sample'
import { curl, powershell } from './shell'

export interface Language {
  id: string
  name: string
  /** The name that the highlighter knows it by. */
  syntax: string
  /** Whether OpenAI has a package for it that makes this call. */
  sdk: (s: Sample) => boolean
  write: (s: Sample) => string
}

const never = () => false
const always = () => true
// Python's own library makes no form.
const forms = (s: Sample) => s.path !== '/audio/transcriptions'
// The typed packages fall back to the language's own means where they have no words for a call.
const differs = (write: (s: Sample) => string) => (s: Sample) => write({ ...s, sdk: true }) !== write({ ...s, sdk: false })

export const languages: Language[] = [
  { id: 'python', name: 'Python', syntax: 'python', sdk: forms, write: python },
  { id: 'javascript', name: 'JavaScript', syntax: 'javascript', sdk: always, write: javascript },
  { id: 'csharp', name: 'C#', syntax: 'csharp', sdk: differs(csharp), write: csharp },
  { id: 'go', name: 'Go', syntax: 'go', sdk: differs(go), write: go },
  { id: 'java', name: 'Java', syntax: 'java', sdk: never, write: java },
  { id: 'bash', name: 'curl', syntax: 'bash', sdk: never, write: curl },
  { id: 'powershell', name: 'PowerShell', syntax: 'powershell', sdk: never, write: powershell },
  { id: 'json', name: 'JSON', syntax: 'json', sdk: never, write: (s) => `${json(s.body)}\n` },
]
