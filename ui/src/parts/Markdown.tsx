import { memo, useEffect, useMemo, useRef, useState } from 'react'
import ReactMarkdown, { type Components } from 'react-markdown'
import { harden } from 'rehype-harden'
import remarkGfm from 'remark-gfm'
import remend from 'remend'
import { type Block, openFence, splitBlocks } from './blocks'
import { CopyButton } from './CopyButton'
import { colourBlocks, languageOf, type Node, textOf } from './grammars'
import css from './markdown.module.css'
import './highlight.css'

interface Props {
  text: string
  streaming: boolean
  onGrow: () => void
}

/** How many blocks are drawn at first, and at least with each frame after. */
const fewBlocks = 4

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

/** Lets the number of blocks drawn rise frame by frame, by as many as this machine draws in time. */
function useGradually(count: number): number {
  const [shown, setShown] = useState(() => Math.min(count, fewBlocks))
  const pace = useRef({ step: fewBlocks, begun: 0 })
  useEffect(() => {
    const p = pace.current
    if (p.begun > 0) {
      const took = performance.now() - p.begun
      p.step = took < 15 ? Math.min(128, p.step * 2) : took > 40 ? Math.max(fewBlocks, p.step >> 1) : p.step
      p.begun = 0
    }
    if (shown >= count) return
    const frame = requestAnimationFrame(() => {
      p.begun = performance.now()
      setShown((n) => Math.min(count, n + p.step))
    })
    return () => cancelAnimationFrame(frame)
  }, [shown, count])
  return shown
}

const OneBlock = memo(function OneBlock({ text, open, last }: Block & { last: boolean }) {
  if (open) {
    const { language, code } = openFence(text)
    return <CodeFrame language={language} code={code}><code>{code}</code></CodeFrame>
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
const coloured = [hardening, colourBlocks]

const components: Components = {
  a: ({ href, children }) => <a href={href} target="_blank" rel="noopener noreferrer nofollow">{children}</a>,
  table: ({ children }) => <div className={css.table} role="group" aria-label="Table" tabIndex={0}><table>{children}</table></div>,
  input: ({ checked }) => <input type="checkbox" checked={checked === true} readOnly disabled aria-label={checked ? 'done' : 'to do'} />,
  pre: ({ node, children }) => {
    const code = node?.children[0] as Node | undefined
    return <CodeFrame language={languageOf(code)} code={textOf(code)}>{children}</CodeFrame>
  },
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
