import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, Field, Input } from '@fluentui/react-components'
import { type FormEvent, useState } from 'react'
import { useReturnFocus } from '../parts/hooks'

interface Props {
  name: string
  onRename: (name: string) => void
  onClose: () => void
}

/** Gives a chat a name. */
export function Rename({ name, onRename, onClose }: Props) {
  const [draft, setDraft] = useState(name)
  useReturnFocus('[data-menu-origin]')
  const submit = (e: FormEvent) => {
    e.preventDefault()
    onRename(draft)
    onClose()
  }
  return (
    <Dialog open onOpenChange={(_, d) => !d.open && onClose()}>
      <DialogSurface>
        <form onSubmit={submit}>
          <DialogBody>
            <DialogTitle>Rename the chat</DialogTitle>
            <DialogContent>
              <Field label="Name"><Input value={draft} maxLength={100} onChange={(_, d) => setDraft(d.value)} /></Field>
            </DialogContent>
            <DialogActions>
              <Button onClick={onClose}>Cancel</Button>
              <Button type="submit" appearance="primary">Rename</Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  )
}
