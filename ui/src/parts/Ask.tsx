import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { useReturnFocus } from './hooks'

interface Props {
  title: string
  yes: string
  children: ReactNode
  onYes: () => void
  onClose: () => void
}

/** Asks before something that cannot be undone. */
export function Ask({ title, yes, children, onYes, onClose }: Props) {
  useReturnFocus('[data-menu-origin]')
  return (
    <Dialog open modalType="alert" onOpenChange={(_, d) => !d.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{title}</DialogTitle>
          <DialogContent>{children}</DialogContent>
          <DialogActions>
            <Button onClick={onClose}>Cancel</Button>
            <Button
              appearance="primary"
              onClick={() => {
                onYes()
                onClose()
              }}
            >
              {yes}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  )
}
