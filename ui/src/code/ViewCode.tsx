import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, MessageBar, MessageBarBody, Switch, Tab, TabList } from '@fluentui/react-components'
import { useMemo, useState } from 'react'
import { CopyButton } from '../parts/CopyButton'
import { useDesk } from '../parts/desk'
import { useReturnFocus } from '../parts/hooks'
import { loadChoice, saveChoice } from '../store/keys'
import css from './code.module.css'
import { colour } from './colour'
import { languages } from './languages'
import { keyKind, keyVariable, type Sample } from './sample'
import '../parts/highlight.css'

interface Props extends Pick<Sample, 'path' | 'body'> {
  onClose: () => void
}

/** Shows the present setup as a program. */
export default function ViewCode({ onClose, path, body }: Props) {
  useReturnFocus('[data-menu-origin]')
  const { client, session } = useDesk()
  const [chosen, setChosen] = useState(() => loadChoice('language') || 'python')
  const [sdk, setSdk] = useState(() => loadChoice('sdk') !== 'no')
  const [withKey, setWithKey] = useState(false)
  const language = languages.find((l) => l.id === chosen) ?? languages[0]!
  const kind = keyKind(client.key, session.event !== null)
  const sample: Sample = { path, body, endpoint: session.server.endpoint, keyKind: kind, key: withKey ? client.key : undefined, sdk }
  const code = language.write(shortened(sample))
  const coloured = useMemo(() => colour(code, language.syntax), [code, language])
  const choose = (id: string) => {
    setChosen(id)
    saveChoice('language', id)
  }
  const packaged = (on: boolean) => {
    setSdk(on)
    saveChoice('sdk', on ? '' : 'no')
  }
  return (
    <Dialog open onOpenChange={(_, d) => !d.open && onClose()}>
      <DialogSurface className={css.surface}>
        <DialogBody>
          <DialogTitle>View code</DialogTitle>
          <DialogContent>
            <p className={css.words}>
              The same call from your own program. It takes your {kind} from the environment variable <code>{keyVariable}</code>; its first lines say how to set it.
            </p>
            <TabList className={css.tabs} size="small" selectedValue={language.id} onTabSelect={(_, d) => choose(String(d.value))} aria-label="Language">
              {languages.map((l) => <Tab key={l.id} value={l.id}>{l.name}</Tab>)}
            </TabList>
            <div className={css.choices}>
              {language.sdk(sample) ? <Switch label="With the OpenAI package" checked={sdk} onChange={(_, d) => packaged(d.checked)} /> : null}
              {language.id !== 'json' && client.key !== '' ? <Switch label={`Put my ${kind} in`} checked={withKey} onChange={(_, d) => setWithKey(d.checked)} /> : null}
            </div>
            {withKey && language.id !== 'json' ? (
              <MessageBar intent="warning" layout="multiline">
                <MessageBarBody>Your {kind} stands in this code. Whoever sees it can ask in your name: do not share it, show it or commit it.</MessageBarBody>
              </MessageBar>
            ) : null}
            <pre className={css.code} tabIndex={0} dir="ltr" aria-label={`Code, ${language.name}`}><code>{coloured}</code></pre>
          </DialogContent>
          <DialogActions>
            <CopyButton text={() => language.write(sample)} label="Copy" size="medium" worded />
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
