/** What all programs of "view code" share: the call that they make, and how its texts are written down. */

/** What somebody signs in with, which the program needs too. */
export type KeyKind = 'event code' | 'personal key' | 'API key'

export interface Sample {
  /** The part after /openai/v1, such as `/chat/completions`. */
  path: string
  body: Record<string, unknown>
  /** Without a slash at the end. */
  endpoint: string
  keyKind: KeyKind
  /** The key itself, only when the person wants it in the program. */
  key?: string
  /** With OpenAI's package rather than the language's own means, where both are there. */
  sdk?: boolean
  /** Without the lines that tell how to set the key. */
  bare?: boolean
}

export const keyVariable = 'AZURE_OPENAI_API_KEY'

/** How a key of this kind looks. */
const shapes: Record<KeyKind, string> = { 'event code': 'CODE/NAME', 'personal key': 'tge-...', 'API key': 'YOUR_KEY' }

/** The key's kind, by its form and by whether it belongs to an event. */
export function keyKind(key: string, event: boolean): KeyKind {
  if (key.startsWith('tge-')) return 'personal key'
  return event ? 'event code' : 'API key'
}

export const url = (s: Sample): string => base(s) + s.path
export const base = (s: Sample): string => `${s.endpoint}/openai/v1`
export const streams = (s: Sample): boolean => s.body.stream === true

/** The body as programs send it; what it says of usage is for this page's own figures. */
export function sent(s: Sample): Record<string, unknown> {
  const { stream_options: _, ...body } = s.body
  return body
}

/** The body for what cannot read a stream. */
export function whole(s: Sample): Record<string, unknown> {
  const { stream: _, ...body } = sent(s)
  return body
}

/**
 * Characters that an editor or a compiler does not show, or reads as something else:
 * controls, joiners, what turns the direction of text, byte order marks.
 */
const unseen = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]/g
const escape = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`

/** JSON in which every character can be seen. Half a surrogate pair, which no language can send, becomes the sign for it. */
export function json(v: unknown, indent = 2): string {
  return JSON.stringify(v, null, indent)
    .replace(/\\(?:\\|u(d[89a-f][0-9a-f]{2}))/g, (found, half) => (half ? '\\ufffd' : found))
    .replace(unseen, escape)
}

/** JSON of ASCII alone, which no console's or file's encoding can spoil. */
export const ascii = (v: unknown): string => json(v).replace(/[^\x00-\x7f]/g, escape)

/** A text in double quotes, the same in Python, JavaScript, C#, Go and Java. */
export const quote = (text: string): string => json(text, 0)

/** Whether every character of a text is seen as it is. */
const plain = (text: string) => text.search(unseen) < 0 && !/[\x00-\x1f\ud800-\udfff]/.test(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ''))

/** One word of a shell; where a character would not be seen, by its bytes. */
export function shellQuote(text: string): string {
  if (plain(text)) return `'${text.replaceAll("'", `'\\''`)}'`
  const bytes = [...new TextEncoder().encode(text.replaceAll('\0', ''))]
  return `$'${bytes.map((b) => (b < 32 || b > 126 || b === 39 || b === 92 ? `\\x${b.toString(16).padStart(2, '0')}` : String.fromCharCode(b))).join('')}'`
}

/** One text of PowerShell, which takes curly quotes for quotes. */
export function powershellQuote(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return `'${text.replaceAll("'", "''")}'`
  const shown = text.replaceAll('\\', '\\\\').replaceAll("'", "''").replace(/[^\x20-\x7e]/g, escape)
  return `([regex]::Unescape('${shown}'))`
}

export const exportLine = (value: string): string => `export ${keyVariable}=${shellQuote(value)}`
export const powershellLine = (value: string): string => `$env:${keyVariable} = ${powershellQuote(value)}`

/** Says first how the program gets its key; nothing when the key is in it. */
export function head(s: Sample, comment: string, ...needs: string[]): string {
  const lines = s.key || s.bare ? [] : [
    `Set your ${s.keyKind} first, in the terminal where this runs:`,
    `  macOS, Linux:  ${exportLine(shapes[s.keyKind])}`,
    `  PowerShell:    ${powershellLine(shapes[s.keyKind])}`,
  ]
  const said = lines.concat(s.bare ? [] : needs).map((l) => `${comment} ${l}\n`)
  return said.length > 0 ? `${said.join('')}\n` : ''
}

/** The same for a program that is typed into a shell. */
export function shellHead(s: Sample, line: (value: string) => string, ...needs: string[]): string {
  const set = s.bare ? '' : s.key ? `${line(s.key)}\n` : `# Set your ${s.keyKind} first:\n# ${line(shapes[s.keyKind])}\n`
  return (s.bare ? '' : needs.map((n) => `# ${n}\n`).join('')) + set
}

/** The program's expression for the key. */
export const keyOf = (s: Sample, environment: string): string => (s.key ? quote(s.key) : environment)

/** Whether answers may be calls of tools, which the program then shows too. */
export const tools = (s: Sample): boolean => Array.isArray(s.body.tools) && s.body.tools.length > 0
