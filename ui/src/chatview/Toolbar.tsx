import { Button, Menu, MenuDivider, MenuItem, MenuList, MenuPopover, MenuTrigger, ToggleButton } from '@fluentui/react-components'
import { AddRegular, BracesRegular, BroomRegular, ChatMultipleRegular, CodeRegular, MoreHorizontalRegular, OptionsRegular } from '@fluentui/react-icons'
import { useEffect, useRef, useState } from 'react'
import { importChat } from '../chat/exchange'
import { chatName } from '../chat/reducer'
import { buildChat } from '../chat/request'
import { Ask } from '../parts/Ask'
import { useDesk } from '../parts/desk'
import { phone } from '../parts/Pane'
import { figure } from '../parts/figures'
import { newId, useMedia } from '../parts/hooks'
import { lazily, unloaded } from '../parts/lazily'
import { Notice } from '../parts/Notice'
import css from './chat.module.css'
import { saveChat } from './Picker'
import { Rename } from './Rename'
import type { Side } from './Sheet'
import type { Call } from './useCall'
import { type Chats, withModel } from './useChats'

const ViewCode = lazily(() => import('../code/ViewCode'))

type Opened = '' | 'rename' | 'clear' | 'deleteAll' | 'code'

interface Props {
  chats: Chats
  call: Call
  raw: boolean
  onRaw: (raw: boolean) => void
  onShow?: (side: Side) => void
  onCompare?: () => Promise<void>
}

/** Above the chat: which chat, and what can be done with it. */
export function Toolbar({ chats, call, raw, onRaw, onShow, onCompare }: Props) {
  const { chat, state, dispatch } = chats
  const { session } = useDesk()
  const small = useMedia(phone)
  const [opened, setOpened] = useState<Opened>('')
  const [wrong, setWrong] = useState('')
  const file = useRef<HTMLInputElement>(null)
  const close = () => setOpened('')
  // What went wrong with a file is old news once something else is done.
  useEffect(() => setWrong(''), [chat])
  const load = async (f: File | undefined) => {
    if (!f) return
    setWrong('')
    try {
      if (f.size > 50 << 20) throw new Error('The file is larger than 50 MB.')
      dispatch({ do: 'add', chat: withModel(importChat(await f.text(), newId), session) })
    } catch (e) {
      setWrong(e instanceof Error ? e.message : String(e))
    }
  }
  const body = () => {
    const model = session.models.find((m) => m.name === chat.settings.model)
    return { ...buildChat(chat.setup, chat.settings, chat.turns, model, session.maxTokens) }
  }
  return (
    <>
      <header className={css.toolbar}>
        <Button appearance="subtle" size="small" icon={<ChatMultipleRegular />} aria-label="Chats" title="Chats" onClick={() => onShow?.('chats')} />
        <h2 id="chat-title" className={css.title} title={chatName(chat)} dir="auto">{chatName(chat)}</h2>
        <Button appearance="subtle" size="small" icon={<AddRegular />} aria-label="New chat" title="New chat" onClick={() => dispatch({ do: 'new', id: newId(), now: Date.now() })} />
        <span className={css.spring} />
        {small ? null : (
          <>
            <Button appearance="subtle" size="small" icon={<BroomRegular />} disabled={chat.turns.length === 0 || call.busy} onClick={() => setOpened('clear')} aria-label="Clear chat"><span className={css.wide}>Clear chat</span></Button>
            <Button appearance="subtle" size="small" icon={<CodeRegular />} onClick={() => setOpened('code')} aria-label="View code"><span className={css.wide}>View code</span></Button>
            <ToggleButton appearance="subtle" size="small" icon={<BracesRegular />} checked={raw} onClick={() => onRaw(!raw)} aria-label="Show JSON"><span className={css.wide}>Show JSON</span></ToggleButton>
          </>
        )}
        {small ? <Button appearance="subtle" size="small" icon={<OptionsRegular />} aria-label="Setup and configuration" onClick={() => onShow?.('configuration')} /> : null}
        <Menu>
          <MenuTrigger disableButtonEnhancement>
            <Button appearance="subtle" size="small" icon={<MoreHorizontalRegular />} aria-label="More about this chat" data-menu-origin="" />
          </MenuTrigger>
          <MenuPopover>
            <MenuList>
              {small ? <MenuItem onClick={() => setOpened('code')}>View code</MenuItem> : null}
              {small ? <MenuItem onClick={() => onRaw(!raw)}>{raw ? 'Hide JSON' : 'Show JSON'}</MenuItem> : null}
              {small ? <MenuItem disabled={chat.turns.length === 0 || call.busy} onClick={() => setOpened('clear')}>Clear chat</MenuItem> : null}
              {onCompare ? <MenuItem disabled={call.busy} onClick={() => onCompare().catch(() => setWrong(`The comparison ${unloaded}`))}>Compare two models</MenuItem> : null}
              <MenuItem onClick={() => setOpened('rename')}>Rename</MenuItem>
              <MenuItem onClick={() => saveChat(chat)}>Export</MenuItem>
              <MenuItem onClick={() => file.current?.click()}>Import</MenuItem>
              <MenuDivider />
              <MenuItem disabled={call.busy} onClick={() => chats.remove([chat.id])}>Delete this chat</MenuItem>
              <MenuItem disabled={call.busy} onClick={() => setOpened('deleteAll')}>Delete all chats</MenuItem>
            </MenuList>
          </MenuPopover>
        </Menu>
        <input ref={file} type="file" accept="application/json,.json" hidden aria-label="Chat to import" onChange={(e) => { load(e.target.files?.[0]); e.target.value = '' }} />
      </header>
      {wrong ? <Notice onDismiss={() => setWrong('')}>{wrong}</Notice> : null}
      {opened === 'rename' ? <Rename name={chat.name || chatName(chat)} onRename={(name) => dispatch({ do: 'rename', id: chat.id, name })} onClose={close} /> : null}
      {opened === 'clear' ? <Ask title="Clear this chat?" yes="Clear" onYes={() => dispatch({ do: 'clear', id: chat.id, now: Date.now() })} onClose={close}>All its messages go. The setup and the configuration stay.</Ask> : null}
      {opened === 'deleteAll' ? <Ask title="Delete all chats?" yes="Delete all" onYes={() => chats.remove(state.chats.map((c) => c.id))} onClose={close}>{state.chats.length === 1 ? 'It is' : `All ${figure(state.chats.length)} are`} kept in this browser only. They can be brought back for a minute.</Ask> : null}
      {opened === 'code' ? <ViewCode path="/chat/completions" body={body()} onClose={close} /> : null}
    </>
  )
}
