import { Fragment, type ReactNode } from 'react'
import { highlight, type Node } from '../parts/grammars'

/** Colours code; what is too long or in an unknown language stays plain. */
export function colour(code: string, language: string): ReactNode {
  return highlight(code, language)?.map((n, i) => <Fragment key={i}>{draw(n)}</Fragment>) ?? code
}

function draw(node: Node): ReactNode {
  if (node.type === 'text') return node.value
  const children = (node.children ?? []).map((c, i) => <Fragment key={i}>{draw(c)}</Fragment>)
  const names = node.properties?.className
  return <span className={Array.isArray(names) ? names.join(' ') : undefined}>{children}</span>
}
