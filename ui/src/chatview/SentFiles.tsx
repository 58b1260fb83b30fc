import { useEffect, useState } from 'react'
import type { Sound, UserTurn } from '../chat/types'
import css from './attached.module.css'
import { figure } from '../parts/figures'

/** How much of a file is drawn; all of it was sent. */
const mostDrawn = 20_000

/** The sounds and text files of a message; the text of a file is there when it is opened. */
export function SentFiles({ turn }: { turn: UserTurn }) {
  const { audio = [], files = [] } = turn
  if (audio.length + files.length === 0) return null
  return (
    <div className={css.sent}>
      {audio.map((a, i) => <Heard key={i} sound={a} />)}
      {files.map((f, i) => (
        <details key={i} className={css.file}>
          <summary><bdi>{f.name}</bdi> · about {figure(f.tokens)} tokens</summary>
          <pre tabIndex={0} aria-label={`Text of ${f.name}`} dir="auto">{f.text.length > mostDrawn ? `${f.text.slice(0, mostDrawn)}\n… (${figure(f.text.length - mostDrawn)} characters more)` : f.text}</pre>
        </details>
      ))}
    </div>
  )
}

/** Plays a sound. The page's policy lets sounds come from blobs, and not from data: URLs. */
function Heard({ sound }: { sound: Sound }) {
  const [url, setUrl] = useState('')
  useEffect(() => {
    if (sound.data === '') return
    const made = URL.createObjectURL(new Blob([bytes(sound.data)], { type: sound.format === 'wav' ? 'audio/wav' : 'audio/mpeg' }))
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [sound])
  return (
    <div className={css.file}>
      <p className={css.gone}><bdi>{sound.name}</bdi> · {Math.ceil(sound.seconds)} s{sound.data === '' ? ' · not kept in this browser' : ''}</p>
      {url ? <audio controls src={url} aria-label={sound.name} /> : null}
    </div>
  )
}

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
  } catch {
    return new Uint8Array()
  }
}
