import { Select } from '@fluentui/react-components'
import { exportChat } from '../chat/exchange'
import { chatName } from '../chat/reducer'
import type { Chat } from '../chat/types'
import { download } from '../parts/hooks'
import css from './chat.module.css'
import type { Chats } from './useChats'

/** Chooses which chat is open. */
export function Picker({ chats }: { chats: Chats }) {
  const { chat, state, dispatch } = chats
  return (
    <Select className={css.picker} size="small" aria-label="Chat" value={chat.id} onChange={(_, d) => dispatch({ do: 'open', id: d.value })}>
      {state.chats.map((c) => <option key={c.id} value={c.id}>{chatName(c)}</option>)}
    </Select>
  )
}

/** Writes a chat to the person's downloads. */
export function saveChat(chat: Chat): void {
  download(`${fileName(chatName(chat))}.json`, new Blob([exportChat(chat)], { type: 'application/json' }))
}

const fileName = (name: string) => name.replace(/[^\p{L}\p{N} _-]+/gu, '').trim().slice(0, 60) || 'chat'
