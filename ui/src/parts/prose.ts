/** Code in Markdown: a fence with what it holds, or a span within a paragraph. */
const code = /(?:^|\n) {0,3}(`{3,}|~{3,})[\s\S]*?(?:\n {0,3}\1[`~]*[ \t]*(?=\n|$)|$)|(`+)(?!`)(?:(?!\n\s*\n)[\s\S]){0,4000}?[^`]\2(?!`)/g

/** Changes Markdown outside its code alone. */
export function outsideCode(markdown: string, change: (prose: string) => string): string {
  let out = ''
  let from = 0
  for (const found of markdown.matchAll(code)) {
    out += change(markdown.slice(from, found.index)) + found[0]
    from = found.index + found[0].length
  }
  return out + change(markdown.slice(from))
}
