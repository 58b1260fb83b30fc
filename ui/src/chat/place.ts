/**
 * Finds the line, from 1, of what a path such as `[0].function.name` names in valid JSON;
 * where the last steps are not there, the line of the last that is.
 */
export function lineAt(source: string, path: string): number {
  const steps = [...path.matchAll(/\[(\d+)\]|\.?([^.[\]]+)/g)].map((m) => m[1] ?? (m[2] as string))
  const tokens = source.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)
  let best = 0
  let offset = 0
  // For each open bracket: the name or number of what is being read in it, and whether the path leads there.
  const open: { list: boolean; at: string; on: boolean }[] = []
  let name = false
  for (const token of tokens) {
    const t = token[0]
    const top = open.at(-1)
    if (t === '}' || t === ']') {
      open.pop()
      name = false
      continue
    }
    if (t === ',') {
      if (top?.list) top.at = String(Number(top.at) + 1)
      else name = true
      continue
    }
    if (t === ':') {
      name = false
      continue
    }
    if (top && !top.list && name) top.at = unquoted(t)
    const on = open.every((o, i) => o.on && o.at === steps[i])
    if (on && open.length > best && open.length <= steps.length) {
      best = open.length
      offset = token.index
    }
    if (t === '{' || t === '[') {
      open.push({ list: t === '[', at: t === '[' ? '0' : '', on })
      name = t === '{'
    }
  }
  return source.slice(0, offset).split('\n').length
}

function unquoted(t: string): string {
  try {
    return String(JSON.parse(t))
  } catch {
    return t
  }
}
