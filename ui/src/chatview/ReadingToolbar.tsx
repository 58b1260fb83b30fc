import { Button, ToggleButton } from '@fluentui/react-components'
import { ArrowDownloadRegular, BracesRegular } from '@fluentui/react-icons'
import css from './chat.module.css'
import { Picker, saveChat } from './Picker'
import type { Chats } from './useChats'

interface Props {
  chats: Chats
  raw: boolean
  onRaw: (raw: boolean) => void
}

/** Above a chat that is only read: which one, and how it is taken away. */
export function ReadingToolbar({ chats, raw, onRaw }: Props) {
  return (
    <header className={css.toolbar}>
      <h2 id="chat-title" className={css.title}>Your chats</h2>
      <Picker chats={chats} />
      <span className={css.spring} />
      <ToggleButton appearance="subtle" size="small" icon={<BracesRegular />} checked={raw} onClick={() => onRaw(!raw)} aria-label="Show JSON"><span className={css.wide}>Show JSON</span></ToggleButton>
      <Button appearance="subtle" size="small" icon={<ArrowDownloadRegular />} onClick={() => saveChat(chats.chat)}>Export</Button>
    </header>
  )
}
