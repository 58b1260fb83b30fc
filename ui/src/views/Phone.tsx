import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, MessageBar, MessageBarBody, Spinner } from '@fluentui/react-components'
import { useCallback, useEffect, useState } from 'react'
import { failureFrom } from '../api/client'
import { askTicket } from '../api/door'
import type { Failure } from '../api/types'
import type { Ticket } from '../api/wire'
import { CopyButton } from '../parts/CopyButton'
import { duration, useNow, useReturnFocus } from '../parts/hooks'
import { useDesk } from '../parts/desk'
import css from './views.module.css'

/** Shows a QR code by which another device signs in with the same key: once, and within two minutes. */
export default function Phone({ onClose }: { onClose: () => void }) {
  useReturnFocus('[data-menu-origin]')
  const { client } = useDesk()
  const [ticket, setTicket] = useState<(Ticket & { until: number }) | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const show = useCallback(() => {
    setTicket(null)
    setFailure(null)
    // The machine's own clock counts from when the answer came.
    askTicket(client.key).then((t) => setTicket({ ...t, until: Date.now() + t.seconds * 1000 }), (e) => setFailure(failureFrom(e)))
  }, [client])
  useEffect(show, [show])
  const now = useNow(1000, ticket !== null)
  const left = ticket ? ticket.until - now : 0
  const over = ticket !== null && left <= 0
  return (
    <Dialog open onOpenChange={(_, d) => !d.open && onClose()}>
      <DialogSurface className={css.phone}>
        <DialogBody>
          <DialogTitle>Use on your phone</DialogTitle>
          <DialogContent className={css.phoneContent}>
            <p className={css.phoneWords}>Scan this with your phone’s camera. It signs in there as you, with the same key and the same quota; chats stay where they were written.</p>
            {failure ? <MessageBar intent="error" layout="multiline"><MessageBarBody>{failure.title}. {failure.message} {failure.advice}</MessageBarBody></MessageBar> : null}
            <div className={css.phonePicture}>
              {ticket && !over ? <img src={ticket.qr} alt="QR code that signs in on another device" width={232} height={232} /> : null}
              {over ? <p>This code is too old.</p> : null}
              {!ticket && !failure ? <Spinner label="One moment" /> : null}
            </div>
            <p className={css.phoneWords}>{ticket && !over ? `Good once, for ${duration(left)} more. Whoever scans it is you: show it to nobody else.` : '\u00a0'}</p>
            {ticket && nearby.test(ticket.url) ? <p className={css.phoneWords}>A phone cannot reach {new URL(ticket.url).host}: open the playground by the address that others use.</p> : null}
          </DialogContent>
          <DialogActions className={css.phoneActions}>
            <CopyButton text={() => client.key} label="Copy my key" size="medium" worded />
            <Button onClick={show}>Show a new one</Button>
            <Button appearance="primary" onClick={onClose}>Close</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  )
}

/** Addresses that mean the machine itself. */
const nearby = /^https?:\/\/(localhost|127\.|\[::1\])/
