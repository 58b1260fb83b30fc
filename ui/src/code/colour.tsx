import { common, createLowlight } from 'lowlight'
import powershell from 'highlight.js/lib/languages/powershell'
import { Fragment, type ReactNode } from 'react'

const lowlight = createLowlight({ ...common, powershell })

interface Node {
  type: string
  value?: string
  properties?: { className?: unknown }
  children?: Node[]
}

/** Colours code; what is too long or in an unknown language stays plain. */
export function colour(code: string, language: string): ReactNode {
  if (code.length > 50_000 || !lowlight.registered(language)) return code
  return draw(lowlight.highlight(language, code) as unknown as Node)
}

function draw(node: Node): ReactNode {
  if (node.type === 'text') return node.value
  const children = (node.children ?? []).map((c, i) => <Fragment key={i}>{draw(c)}</Fragment>)
  if (node.type !== 'element') return children
  const names = node.properties?.className
  return <span className={Array.isArray(names) ? names.join(' ') : undefined}>{children}</span>
}
