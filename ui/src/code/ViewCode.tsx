import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, Tab, TabList } from '@fluentui/react-components'
import { useMemo, useState } from 'react'
import { CopyButton } from '../parts/CopyButton'
import { useReturnFocus } from '../parts/hooks'
import { loadChoice, saveChoice } from '../store/keys'
import css from './code.module.css'
import { colour } from './colour'
import { keyVariable, languages, type Sample } from './generate'
import '../parts/highlight.css'

interface Props extends Sample {
  onClose: () => void
}

/** Shows the present setup as a program. */
export default function ViewCode({ onClose, ...sample }: Props) {
  useReturnFocus('[data-menu-origin]')
  const [chosen, setChosen] = useState(() => loadChoice('language') || 'bash')
  const language = languages.find((l) => l.id === chosen) ?? languages[0]
  const code = language?.write(shortened(sample)) ?? ''
  const coloured = useMemo(() => colour(code, language?.syntax ?? ''), [code, language])
  const choose = (id: string) => {
    setChosen(id)
    saveChoice('language', id)
  }
  return (
    <Dialog open onOpenChange={(_, d) => !d.open && onClose()}>
      <DialogSurface className={css.surface}>
        <DialogBody>
          <DialogTitle>View code</DialogTitle>
          <DialogContent>
            <p className={css.words}>
              The same call from your own program. Put your key into the environment variable <code>{keyVariable}</code>; never into the code.
            </p>
            <TabList className={css.tabs} size="small" selectedValue={language?.id} onTabSelect={(_, d) => choose(String(d.value))} aria-label="Language">
              {languages.map((l) => <Tab key={l.id} value={l.id}>{l.name}</Tab>)}
            </TabList>
            <pre className={css.code} tabIndex={0} aria-label={`Code, ${language?.name}`}><code>{coloured}</code></pre>
          </DialogContent>
          <DialogActions>
            <CopyButton text={() => language?.write(sample) ?? ''} label="Copy" size="medium" worded />
            <Button appearance="primary" onClick={onClose}>Close</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  )
}

/** Pictures and sounds are megabytes of base64: only their beginning is shown, all of it is copied. */
function shortened(s: Sample): Sample {
  const cut = (_: string, v: unknown) => (typeof v === 'string' && v.length > 1000 && /^(data:|[A-Za-z0-9+/]{1000})/.test(v) ? `${v.slice(0, 80)}…` : v)
  return { ...s, body: JSON.parse(JSON.stringify(s.body, cut)) as Sample['body'] }
}
