import type { Node } from './grammars'

const own = new Set(['p', 'li', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'td', 'th', 'ul', 'ol'])

/** A rehype plugin that lets each stretch of text run in its own language's direction. */
export function ownDirection() {
  return (tree: unknown) => visit(tree as Node)
}

function visit(node: Node): void {
  if (node.tagName && own.has(node.tagName)) node.properties = { ...node.properties, dir: 'auto' }
  node.children?.forEach(visit)
}
