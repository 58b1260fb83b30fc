import { Button, SearchBox } from '@fluentui/react-components'
import { AddRegular, MoreHorizontalRegular, PinRegular } from '@fluentui/react-icons'
import { type KeyboardEvent, memo, useDeferredValue, useMemo, useRef, useState } from 'react'
import { groupChats, searchChats } from '../chat/list'
import { chatName } from '../chat/reducer'
import type { Chat } from '../chat/types'
import { useDesk } from '../parts/desk'
import { figure } from '../parts/figures'
import { newId } from '../parts/hooks'
import css from './chatlist.module.css'
import { ChatMenu } from './ChatMenu'
import type { Chats } from './useChats'

interface Props {
  chats: Chats
  /** A chat was chosen, or a new one begun. */
  onChosen?: () => void
}

/** All chats: searched by name and text, the pinned ones first, the rest by their day. */
export function ChatList({ chats, onChosen }: Props) {
  const { state, dispatch } = chats
  const { reading } = useDesk()
  const [words, setWords] = useState('')
  const wanted = useDeferredValue(words)
  const [menu, setMenu] = useState<{ id: string; at: HTMLElement } | null>(null)
  const found = useMemo(() => searchChats(state.chats, wanted), [state.chats, wanted])
  const groups = useMemo(() => groupChats(found, Date.now()), [found])
  const rows = useRef<HTMLDivElement>(null)
  const stop = found.some((c) => c.id === state.open) ? state.open : groups[0]?.chats[0]?.id
  const open = useRef((_: string) => {})
  open.current = (id) => {
    dispatch({ do: 'open', id })
    onChosen?.()
  }
  const [choose] = useState(() => (id: string) => open.current(id))
  const begin = () => {
    dispatch({ do: 'new', id: newId(), now: Date.now() })
    onChosen?.()
  }
  return (
    <div className={css.list}>
      <div className={css.head}>
        <SearchBox className={css.search} size="small" placeholder="Search chats" aria-label="Search chats" value={words} onChange={(_, d) => setWords(d.value)} />
        {reading ? null : <Button size="small" icon={<AddRegular />} onClick={begin}>New</Button>}
      </div>
      <div ref={rows} className={css.groups} onKeyDown={(e) => move(e, rows.current)}>
        {groups.map((g) => (
          <section key={g.title} aria-label={g.title}>
            <h3 className={css.group}>{g.title}</h3>
            <ul className={css.rows}>
              {g.chats.map((c) => <Row key={c.id} chat={c} open={c.id === state.open} stop={c.id === stop} onOpen={choose} onMenu={setMenu} />)}
            </ul>
          </section>
        ))}
        {found.length === 0 ? <p className={css.none}>No chat has these words.</p> : null}
      </div>
      <span className="visually-hidden" role="status">{wanted === '' ? '' : `${figure(found.length)} of ${figure(state.chats.length)} chats`}</span>
      {menu ? <ChatMenu chats={chats} id={menu.id} at={menu.at} onClose={() => setMenu(null)} /> : null}
    </div>
  )
}

interface RowProps {
  chat: Chat
  open: boolean
  /** Where the tabulator stops in the list. */
  stop: boolean
  onOpen: (id: string) => void
  onMenu: (menu: { id: string; at: HTMLElement }) => void
}

const Row = memo(function Row({ chat, open, stop, onOpen, onMenu }: RowProps) {
  const name = chatName(chat)
  return (
    <li className={css.row} data-open={open}>
      <button type="button" className={css.name} dir="auto" title={name} tabIndex={stop ? 0 : -1} aria-current={open || undefined} data-row="" onClick={() => onOpen(chat.id)}>
        {chat.pinned ? <PinRegular aria-label="Pinned: " /> : null} {name}
      </button>
      <button type="button" className={css.more} aria-label={`More about ${name}`} aria-haspopup="menu" tabIndex={stop ? 0 : -1} onClick={(e) => onMenu({ id: chat.id, at: e.currentTarget })}><MoreHorizontalRegular /></button>
    </li>
  )
})

/** The arrow keys lead from chat to chat, Home and End to the first and the last. */
function move(e: KeyboardEvent, list: HTMLElement | null): void {
  const rows = [...(list?.querySelectorAll<HTMLElement>('[data-row]') ?? [])]
  const row = document.activeElement?.closest('li')?.querySelector<HTMLElement>('[data-row]')
  const at = row ? rows.indexOf(row) : -1
  if (at < 0) return
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[e.key]
  if (to === undefined) return
  e.preventDefault()
  rows[Math.min(rows.length - 1, Math.max(0, to))]?.focus()
}
