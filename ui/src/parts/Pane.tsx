import { Button } from '@fluentui/react-components'
import { ChevronDownRegular, ChevronUpRegular, PanelLeftContractRegular, PanelLeftExpandRegular, PanelRightContractRegular, PanelRightExpandRegular } from '@fluentui/react-icons'
import { type ReactNode, useId } from 'react'
import { useMedia } from './hooks'
import css from './panes.module.css'

interface Props {
  title: string
  /** What stands in the title's place while the pane is open. */
  head?: ReactNode
  side: 'left' | 'right'
  open: boolean
  onOpen: (open: boolean) => void
  children: ReactNode
}

export const phone = '(max-width: 820px)'

/** One of the outer panes; folded it is a narrow strip, or a bar on a phone. */
export function Pane({ title, head, side, open, onOpen, children }: Props) {
  const id = useId()
  const stacked = useMedia(phone)
  return (
    <section className={css.pane} data-open={open} data-side={side} aria-labelledby={`${id}t`}>
      <header className={css.paneHead}>
        <h2 id={`${id}t`} className={head && open ? 'visually-hidden' : css.paneTitle}>{title}</h2>
        {open ? head : null}
        <Button
          appearance="subtle"
          size="small"
          icon={foldIcon(side, open, stacked)}
          aria-label={`${open ? 'Hide' : 'Show'} ${title.toLowerCase()}`}
          aria-expanded={open}
          aria-controls={id}
          onClick={() => onOpen(!open)}
        />
      </header>
      <div id={id} className={css.paneBody} hidden={!open}>{children}</div>
    </section>
  )
}

function foldIcon(side: 'left' | 'right', open: boolean, stacked: boolean) {
  if (stacked) return open ? <ChevronUpRegular /> : <ChevronDownRegular />
  if (side === 'left') return open ? <PanelLeftContractRegular /> : <PanelLeftExpandRegular />
  return open ? <PanelRightContractRegular /> : <PanelRightExpandRegular />
}
