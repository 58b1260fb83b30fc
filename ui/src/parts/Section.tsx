import { ChevronDownRegular, ChevronRightRegular } from '@fluentui/react-icons'
import { type ReactNode, useId, useState } from 'react'
import css from './parts.module.css'

interface Props {
  title: string
  /** A word beside the title, such as a count. */
  note?: string
  startOpen?: boolean
  children: ReactNode
}

/** A part of a pane that folds away. */
export function Section({ title, note, startOpen = true, children }: Props) {
  const [open, setOpen] = useState(startOpen)
  const id = useId()
  return (
    <section className={css.section}>
      <h3 className={css.sectionHead}>
        <button type="button" className={css.sectionButton} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          {open ? <ChevronDownRegular /> : <ChevronRightRegular />}
          <span>{title}</span>
          {note ? <span className={css.sectionNote}>{note}</span> : null}
        </button>
      </h3>
      <div id={id} className={css.sectionBody} hidden={!open}>{children}</div>
    </section>
  )
}
