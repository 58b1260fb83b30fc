/** What is wrong with a file that is to be read as text; its words follow the file's name. */
export class NotText extends Error {}

const documents: [test: RegExp, words: string][] = [
  [/\.pdf$/i, 'is a PDF, which is not read here. Copy its text out, or save it as text'],
  [/\.(docx?|odt|rtf|pages)$/i, 'is a word processor’s document. Save it as text (.txt) or Markdown'],
  [/\.(xlsx?|ods|numbers)$/i, 'is a spreadsheet. Save the sheet as CSV'],
  [/\.(pptx?|odp|key)$/i, 'is a presentation. Export it as text, or attach pictures of its slides'],
  [/\.(zip|gz|tgz|7z|rar|tar|bz2|xz)$/i, 'is an archive. Unpack it and attach the files you need'],
  [/\.(mp4|mov|avi|mkv|webm)$/i, 'is a video, which no model here takes'],
]

/** Reads a file's bytes as text. Throws NotText with words for the person. */
export function readText(name: string, bytes: Uint8Array): string {
  const known = documents.find(([test]) => test.test(name))
  const pdf = bytes[0] === 0x25 && bytes[1] === 0x50 && bytes[2] === 0x44 && bytes[3] === 0x46
  if (known || pdf) throw new NotText(known?.[1] ?? (documents[0] as [RegExp, string])[1])
  const text = decoded(bytes)
  if (text.trim() === '') throw new NotText('is empty')
  return text
}

function decoded(bytes: Uint8Array): string {
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : ''
  if (utf16) return new TextDecoder(utf16).decode(bytes)
  if (isBinary(bytes)) throw new NotText('is not text, so it cannot go into the prompt')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // What older programs write, such as a spreadsheet's CSV.
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

/** Text has no control characters but those of lines, tabs and pages, and the one that colours terminals. */
function isBinary(bytes: Uint8Array): boolean {
  return bytes.some((b) => b < 9 || (b > 13 && b < 32 && b !== 27))
}

/** How a text file stands in the prompt: fenced by more backticks than it has in a row. */
export function fenced(name: string, text: string): string {
  let longest = 2
  for (const [run] of text.matchAll(/`{3,}/g)) longest = Math.max(longest, run.length)
  const fence = '`'.repeat(longest + 1)
  const title = name.replace(/[\p{Cc}`]/gu, ' ').slice(0, 200)
  const language = /\.([a-z0-9]{1,10})$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  return `File “${title}”:\n${fence}${language}\n${text}${text.endsWith('\n') ? '' : '\n'}${fence}`
}
