import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle } from '@fluentui/react-components'
import css from './keys.module.css'

const keys: [string, string[]][] = [
  ['Go to the message box', ['/', 'Ctrl K']],
  ['Send the message', ['Enter']],
  ['A new line in the message', ['Shift Enter']],
  ['Stop the answer', ['Esc']],
  ['A new chat', ['Alt N']],
  ['The list of chats', ['Alt L']],
  ['From chat to chat in the list', ['↑', '↓']],
  ['This list', ['?']],
]

/** The keys that do something here. */
export default function Keys({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open onOpenChange={(_, d) => !d.open && onClose()}>
      <DialogSurface className={css.surface}>
        <DialogBody>
          <DialogTitle>Keys</DialogTitle>
          <DialogContent>
            <dl className={css.keys}>
              {keys.map(([what, all]) => (
                <div key={what}>
                  <dt>{what}</dt>
                  <dd>{all.map((k) => <kbd key={k}>{k}</kbd>)}</dd>
                </div>
              ))}
            </dl>
          </DialogContent>
          <DialogActions><Button appearance="primary" onClick={onClose}>Close</Button></DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  )
}
