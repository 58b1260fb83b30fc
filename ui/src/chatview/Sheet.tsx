import { Button, Dialog, DialogSurface, Tab, TabList } from '@fluentui/react-components'
import { DismissRegular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'
import css from './sheet.module.css'

export type Side = 'chats' | 'setup' | 'configuration'

const titles: Record<Side, string> = { chats: 'Chats', setup: 'Setup', configuration: 'Configuration' }

interface Props {
  side: Side
  onSide: (side: Side) => void
  onClose: () => void
  children: ReactNode
}

/** On a phone: what stands beside the chat elsewhere, over its lower part. */
export function Sheet({ side, onSide, onClose, children }: Props) {
  return (
    <Dialog open onOpenChange={(_, d) => !d.open && onClose()}>
      <DialogSurface className={css.sheet} aria-label={titles[side]}>
        <header className={css.head}>
          <Sides sides={['chats', 'setup', 'configuration']} side={side} onSide={onSide} />
          <Button appearance="subtle" icon={<DismissRegular />} aria-label="Close" onClick={onClose} />
        </header>
        <div className={css.body}>{children}</div>
      </DialogSurface>
    </Dialog>
  )
}

/** Tabs that choose among the sides. */
export function Sides<S extends Side>({ sides, side, onSide }: { sides: S[]; side: S; onSide: (side: S) => void }) {
  return (
    <TabList className={css.tabs} size="small" selectedValue={side} onTabSelect={(_, d) => onSide(d.value as S)} aria-label="Beside the chat">
      {sides.map((s) => <Tab key={s} value={s}>{titles[s]}</Tab>)}
    </TabList>
  )
}
