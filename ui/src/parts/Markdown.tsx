import { memo, useEffect, useMemo, useState } from 'react'
import ReactMarkdown, { type Components } from 'react-markdown'
import { harden } from 'rehype-harden'
import rehypeHighlight from 'rehype-highlight'
import remarkGfm from 'remark-gfm'
import remend from 'remend'
import { type Block, openFence, splitBlocks } from './blocks'
import { CopyButton } from './CopyButton'
import css from './markdown.module.css'
import './highlight.css'

interface Props {
  text: string
  streaming: boolean
  onGrow: () => void
}

/** How many blocks a frame may draw when a long answer is opened at once. */
const blocksAFrame = 4

/** Draws Markdown block by block: while it grows only the last block is drawn again. */
export default function Markdown({ text, streaming, onGrow }: Props) {
  const blocks = useMemo(() => splitBlocks(text), [text])
  const shown = useGradually(blocks.length)
  useEffect(onGrow)
  return (
    <div className={css.markdown}>
      {blocks.slice(0, shown).map((b, i) => (
        <OneBlock key={i} text={b.text} open={b.open} last={streaming && i === blocks.length - 1} />
      ))}
    </div>
  )
}

/** Lets the number of blocks drawn rise frame by frame. */
function useGradually(count: number): number {
  const [shown, setShown] = useState(() => Math.min(count, blocksAFrame))
  useEffect(() => {
    if (shown >= count) return
    const frame = requestAnimationFrame(() => setShown((n) => Math.min(count, n + blocksAFrame)))
    return () => cancelAnimationFrame(frame)
  }, [shown, count])
  return shown
}

/** Code longer than this is shown in one colour: colouring it would halt the page. */
const colourable = 20_000

const OneBlock = memo(function OneBlock({ text, open, last }: Block & { last: boolean }) {
  if (open || (text.length > colourable && /^\s*(```|~~~)/.test(text))) {
    const { language, code } = openFence(text)
    return <CodeFrame language={language} code={code}><code>{open ? code : code.replace(/\n[`~]+\s*$/, '')}</code></CodeFrame>
  }
  return (
    <div className={css.block}>
      <ReactMarkdown remarkPlugins={[remarkGfm]} rehypePlugins={last ? safe : coloured} components={components}>
        {last ? remend(text) : text}
      </ReactMarkdown>
    </div>
  )
})

// Pictures from elsewhere are not loaded: an answer could carry what was said to their server.
const hardening: [typeof harden, object] = [
  harden,
  { allowedLinkPrefixes: ['*'], allowedImagePrefixes: ['data:'], allowDataImages: true, defaultOrigin: 'https://playground.invalid' },
]
const safe = [hardening]
const coloured = [hardening, [rehypeHighlight, { detect: false }] as [typeof rehypeHighlight, object]]

const components: Components = {
  a: ({ href, children }) => <a href={href} target="_blank" rel="noopener noreferrer nofollow">{children}</a>,
  table: ({ children }) => <div className={css.table} role="group" aria-label="Table" tabIndex={0}><table>{children}</table></div>,
  input: ({ checked }) => <input type="checkbox" checked={checked === true} readOnly disabled aria-label={checked ? 'done' : 'to do'} />,
  pre: ({ node, children }) => {
    const code = node?.children[0]
    const names = code?.type === 'element' && Array.isArray(code.properties.className) ? code.properties.className : []
    const language = String(names.find((c) => String(c).startsWith('language-')) ?? '').slice('language-'.length)
    return <CodeFrame language={language} code={textOf(code)}>{children}</CodeFrame>
  },
}

interface Node {
  type: string
  value?: string
  children?: Node[]
}

function textOf(node: unknown): string {
  const n = node as Node | undefined
  if (!n) return ''
  return n.type === 'text' ? (n.value ?? '') : (n.children ?? []).map(textOf).join('')
}

function CodeFrame({ language, code, children }: { language: string; code: string; children: React.ReactNode }) {
  return (
    <div className={css.code}>
      <div className={css.codeHead}>
        <span>{language || 'code'}</span>
        <CopyButton text={code} label="Copy the code" />
      </div>
      <pre tabIndex={0} aria-label={`Code${language ? ` in ${language}` : ''}`}>{children}</pre>
    </div>
  )
}
