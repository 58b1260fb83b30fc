import { Button, MessageBar, MessageBarActions, MessageBarBody } from '@fluentui/react-components'
import { DismissRegular } from '@fluentui/react-icons'
import { useEffect } from 'react'
import { chatName } from '../chat/reducer'
import { figure } from '../parts/figures'
import type { Chats } from './useChats'

/** So long it is offered. */
const offeredMs = 60_000

/** Brings back what was deleted. */
export function Undo({ chats }: { chats: Chats }) {
  const { removed, restore, forget } = chats
  useEffect(() => {
    const timer = setTimeout(forget, offeredMs)
    return () => clearTimeout(timer)
  }, [removed, forget])
  const [first] = removed
  if (!first) return null
  const words = removed.length === 1 ? `“${chatName(first)}” is deleted.` : `${figure(removed.length)} chats are deleted.`
  return (
    <MessageBar intent="info" role="status">
      <MessageBarBody>{words}</MessageBarBody>
      <MessageBarActions containerAction={<Button appearance="transparent" size="small" icon={<DismissRegular />} aria-label="Dismiss" onClick={forget} />}>
        <Button size="small" onClick={restore}>Undo</Button>
      </MessageBarActions>
    </MessageBar>
  )
}
