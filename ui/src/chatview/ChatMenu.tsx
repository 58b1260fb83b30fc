import { Menu, MenuDivider, MenuItem, MenuList, MenuPopover } from '@fluentui/react-components'
import { useState } from 'react'
import { chatName } from '../chat/reducer'
import { useDesk } from '../parts/desk'
import { saveChat } from './Picker'
import { Rename } from './Rename'
import type { Chats } from './useChats'

interface Props {
  chats: Chats
  id: string
  /** The button that it belongs to. */
  at: HTMLElement
  onClose: () => void
}

/** What can be done with a chat of the list. */
export function ChatMenu({ chats, id, at, onClose }: Props) {
  const { reading } = useDesk()
  const [naming, setNaming] = useState(false)
  const chat = chats.state.chats.find((c) => c.id === id)
  if (!chat) return null
  if (naming) return <Rename name={chat.name || chatName(chat)} onRename={(name) => chats.dispatch({ do: 'rename', id, name })} onClose={onClose} />
  const close = () => {
    onClose()
    at.focus()
  }
  return (
    <Menu open positioning={{ target: at, position: 'below', align: 'end' }} onOpenChange={(_, d) => !d.open && !naming && close()}>
      <MenuPopover>
        <MenuList>
          {reading ? null : <MenuItem onClick={() => setNaming(true)} persistOnClick>Rename</MenuItem>}
          {reading ? null : <MenuItem onClick={() => chats.dispatch({ do: 'pin', id, pinned: !chat.pinned })}>{chat.pinned ? 'Unpin' : 'Pin'}</MenuItem>}
          <MenuItem onClick={() => saveChat(chat)}>Export</MenuItem>
          {reading ? null : <MenuDivider />}
          {reading ? null : <MenuItem disabled={chats.running.has(id)} onClick={() => chats.remove([id])}>Delete</MenuItem>}
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}
