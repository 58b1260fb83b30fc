import { useState } from 'react'
import { Pane } from '../parts/Pane'
import { Panes } from '../parts/Panes'
import { phone } from '../parts/Pane'
import { ChatPane } from './ChatPane'
import { SettingsPane } from './SettingsPane'
import { SetupPane } from './SetupPane'
import { useCall } from './useCall'
import type { Chats } from './useChats'

/** The three panes: setup, chat, settings. */
export function ChatView({ chats }: { chats: Chats }) {
  const small = () => window.matchMedia(phone).matches
  const [left, setLeft] = useState(() => !small())
  const [right, setRight] = useState(() => !small())
  const call = useCall(chats)
  const { chat, dispatch } = chats
  return (
    <Panes
      leftOpen={left}
      rightOpen={right}
      left={
        <Pane title="Setup" side="left" open={left} onOpen={setLeft}>
          <SetupPane key={chat.id} chat={chat} onSetup={(setup) => dispatch({ do: 'setup', id: chat.id, setup })} />
        </Pane>
      }
      middle={<ChatPane chats={chats} call={call} />}
      right={
        <Pane title="Configuration" side="right" open={right} onOpen={setRight}>
          <SettingsPane chat={chat} onSettings={(settings) => dispatch({ do: 'settings', id: chat.id, settings })} />
        </Pane>
      }
    />
  )
}
