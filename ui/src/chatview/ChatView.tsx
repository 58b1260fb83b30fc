import { useState } from 'react'
import { useDesk } from '../parts/desk'
import { useMedia } from '../parts/hooks'
import { Pane, phone } from '../parts/Pane'
import { Panes } from '../parts/Panes'
import { loadChoice, saveChoice } from '../store/keys'
import { ChatList } from './ChatList'
import { ChatPane } from './ChatPane'
import { SettingsPane } from './SettingsPane'
import { SetupPane } from './SetupPane'
import { Sheet, type Side, Sides } from './Sheet'
import { Undo } from './Undo'
import { useCall } from './useCall'
import type { Chats } from './useChats'
import { useCompare } from './useCompare'
import { useTwin } from './useTwin'

/** The chat between chats or setup, and configuration; on a phone these are in one sheet over it. */
export function ChatView({ chats }: { chats: Chats }) {
  const stacked = useMedia(phone)
  const [sheet, setSheet] = useState<Side | null>(null)
  const [left, setLeft] = useState(true)
  const [right, setRight] = useState(true)
  const [leftSide, setLeftSide] = useState<'chats' | 'setup'>(() => (loadChoice('leftSide') === 'chats' ? 'chats' : 'setup'))
  const call = useCall(chats)
  const { chat, dispatch } = chats
  const { session, ended } = useDesk()
  const twin = useTwin(chats, session)
  const { View: Compare, begin } = useCompare(twin, chat.id, call.busy)
  const comparable = !ended && session.models.filter((m) => m.kind === 'chat').length > 1
  const choose = (side: 'chats' | 'setup') => {
    setLeftSide(side)
    saveChoice('leftSide', side)
  }
  const show = (side: Side) => {
    if (stacked) return setSheet(side)
    if (side !== 'configuration') choose(side)
    setLeft(true)
  }
  const sides: Record<Side, () => React.ReactNode> = {
    chats: () => <ChatList chats={chats} onChosen={() => setSheet(null)} />,
    setup: () => <SetupPane key={chat.id} chat={chat} onSetup={(setup) => dispatch({ do: 'setup', id: chat.id, setup })} />,
    configuration: () => <SettingsPane chat={chat} onSettings={(settings) => dispatch({ do: 'settings', id: chat.id, settings })} />,
  }
  const single = () => <ChatPane chats={chats} call={call} onShow={show} onCompare={comparable ? begin : undefined} />
  const middle = twin.chat && Compare ? <Compare chats={chats} call={call} twin={twin} other={twin.chat} /> : single()
  if (stacked) {
    return (
      <>
        {middle}
        {sheet ? (
          <Sheet side={sheet} onSide={setSheet} onClose={() => setSheet(null)}>
            {sheet === 'chats' ? <Undo chats={chats} /> : null}
            {sides[sheet]()}
          </Sheet>
        ) : null}
      </>
    )
  }
  return (
    <Panes
      leftOpen={left}
      rightOpen={right}
      left={
        <Pane title={leftSide === 'chats' ? 'Chats' : 'Setup'} head={<Sides sides={['chats', 'setup']} side={leftSide} onSide={choose} />} side="left" open={left} onOpen={setLeft}>
          {sides[leftSide]()}
        </Pane>
      }
      middle={middle}
      right={<Pane title="Configuration" side="right" open={right} onOpen={setRight}>{sides.configuration()}</Pane>}
    />
  )
}
