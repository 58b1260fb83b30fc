import powershell from 'highlight.js/lib/languages/powershell'
import { common, createLowlight } from 'lowlight'

/** Code longer than this is shown in one colour: colouring it would halt the page. */
const colourable = 20_000

/** A piece of a syntax tree, as HTML's (hast) or the highlighter's. */
export interface Node {
  type: string
  tagName?: string
  value?: string
  properties?: Record<string, unknown>
  children?: Node[]
}

// One set of grammars for all: rehype-highlight would set one up for every block drawn.
const lowlight = createLowlight({ ...common, powershell })

/** Colours code; null where it is too long or in an unknown language. */
export function highlight(code: string, language: string): Node[] | null {
  if (code.length > colourable || !lowlight.registered(language)) return null
  return lowlight.highlight(language, code).children as Node[]
}

export function textOf(node: Node | undefined): string {
  if (!node) return ''
  return node.type === 'text' ? (node.value ?? '') : (node.children ?? []).map(textOf).join('')
}

/** The language that a code element's class names: `language-python`. */
export function languageOf(code: Node | undefined): string {
  const names = code?.properties?.className
  const name = Array.isArray(names) ? names.find((n) => String(n).startsWith('language-')) : undefined
  return String(name ?? '').slice('language-'.length)
}

/** A rehype plugin that colours the code blocks of a document. */
export function colourBlocks() {
  return (tree: unknown) => visit(tree as Node)
}

function visit(node: Node): void {
  const [code] = node.children ?? []
  if (node.tagName === 'pre' && code?.tagName === 'code') {
    code.children = highlight(textOf(code), languageOf(code)) ?? code.children
    return
  }
  node.children?.forEach(visit)
}
