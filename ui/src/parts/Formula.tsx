import katex from 'katex'
import 'katex/dist/katex.min.css'
import { useLayoutEffect, useRef, useState } from 'react'
import type { Formula as Props } from './math'
import css from './markdown.module.css'

/**
 * A formula as it is typeset; one that cannot be, as it was written. It is drawn by
 * KaTeX into an element of its own, which sets styles by script as the page's policy wants.
 */
export default function Formula({ tex, display }: Props) {
  const place = useRef<HTMLSpanElement>(null)
  const [broken, setBroken] = useState(false)
  useLayoutEffect(() => {
    const element = place.current
    if (!element) return
    try {
      katex.render(tex, element, { displayMode: display, throwOnError: true, strict: 'ignore', trust: false, maxSize: 20, maxExpand: 200 })
      setBroken(false)
    } catch {
      element.replaceChildren()
      setBroken(true)
    }
  }, [tex, display])
  return (
    <>
      <span ref={place} className={display ? css.formula : undefined} data-tex={tex} data-display={display} hidden={broken} dir="ltr" />
      {broken ? <code>{written({ tex, display })}</code> : null}
    </>
  )
}

/** A formula as TeX, in the dollars that Markdown knows. */
export const written = ({ tex, display }: Props) => (display ? `$$${tex}$$` : `$${tex}$`)
