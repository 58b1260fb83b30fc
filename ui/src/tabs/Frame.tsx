import type { ReactNode } from 'react'
import css from './tabs.module.css'

/** Two cards: what is asked on the left, what came back on the right. */
export function Frame({ title, ask, children }: { title: string; ask: ReactNode; children: ReactNode }) {
  return (
    <div className={css.frame}>
      <section className={css.card} aria-labelledby="ask-title">
        <h2 id="ask-title" className={css.title}>{title}</h2>
        <div className={css.body}>{ask}</div>
      </section>
      <section className={css.card} aria-labelledby="result-title">
        <h2 id="result-title" className={css.title}>Result</h2>
        <div className={css.body}>{children}</div>
      </section>
    </div>
  )
}
