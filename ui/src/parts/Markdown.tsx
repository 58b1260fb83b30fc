import { Button } from '@fluentui/react-components'
import { memo, useEffect, useMemo, useRef, useState } from 'react'
import ReactMarkdown from 'react-markdown'
import { harden } from 'rehype-harden'
import remarkGfm from 'remark-gfm'
import remend from 'remend'
import { type Block, openFence, splitBlocks } from './blocks'
import { copyMarkdown } from './copying'
import { ownDirection } from './direction'
import { figure } from './figures'
import { numberNotes } from './footnotes'
import { colourBlocks } from './grammars'
import { CodeFrame, components } from './MarkdownParts'
import css from './markdown.module.css'
import { hideFormulas } from './math'
import './highlight.css'

interface Props {
  text: string
  streaming: boolean
  onGrow: () => void
}

/** How many blocks are drawn at first, and at least with each frame after. */
const fewBlocks = 4

/** Of an answer of more blocks the first and the last are drawn, the rest when asked for. */
const mostBlocks = 400
const lastBlocks = 40

/** Draws Markdown block by block: while it grows only the last block is drawn again. */
export default function Markdown({ text, streaming, onGrow }: Props) {
  const blocks = useMemo(() => splitBlocks(numberNotes(text)), [text])
  const shown = useGradually(blocks.length)
  const [all, setAll] = useState(false)
  useEffect(onGrow)
  const left = all ? 0 : Math.max(0, shown - mostBlocks - lastBlocks)
  const draw = (b: Block, i: number) => <OneBlock key={i} text={b.text} open={b.open} last={streaming && i === blocks.length - 1} />
  return (
    <div className={css.markdown} onCopy={(e) => copyMarkdown(e, text)}>
      {blocks.slice(0, left > 0 ? mostBlocks : shown).map(draw)}
      {left > 0 ? <Button className={css.more} size="small" onClick={() => setAll(true)}>Show {figure(left)} parts that are left out here</Button> : null}
      {left > 0 ? blocks.slice(mostBlocks + left, shown).map((b, i) => draw(b, mostBlocks + left + i)) : null}
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
        {last ? remend(hideFormulas(text, true)) : hideFormulas(text)}
      </ReactMarkdown>
    </div>
  )
})

// Pictures from elsewhere are not loaded: an answer could carry what was said to their server.
const hardening: [typeof harden, object] = [
  harden,
  { allowedLinkPrefixes: ['*'], allowedImagePrefixes: ['data:'], allowDataImages: true, defaultOrigin: 'https://playground.invalid' },
]
const safe = [hardening, ownDirection]
const coloured = [hardening, ownDirection, colourBlocks]
