import { Button, Field, Input, Link, Select, Spinner, Textarea } from '@fluentui/react-components'
import { type ReactNode, useEffect, useState } from 'react'
import { readFacts } from '../api/client'
import { object, parse, text } from '../api/json'
import { ModelField } from '../chatview/ModelField'
import { CopyButton } from '../parts/CopyButton'
import { useDesk } from '../parts/desk'
import { Failed } from '../parts/Failed'
import { Frame } from './Frame'
import css from './tabs.module.css'
import { useTask } from './useTask'

const voices = ['alloy', 'ash', 'coral', 'echo', 'fable', 'nova', 'onyx', 'sage', 'shimmer']
const formats = ['mp3', 'wav', 'aac', 'flac', 'opus']
const noTokens = { prompt: null, completion: null, total: null }

/** Speech from text, and text from speech. */
export default function AudioView() {
  const { session } = useDesk()
  const able = (kind: string) => session.models.some((m) => m.kind === kind)
  const [way, setWay] = useState(able('speech') ? 'speech' : 'transcription')
  const chooser = able('speech') && able('transcription') ? (
    <Field label="What to do" size="small">
      <Select value={way} onChange={(_, d) => setWay(d.value)}>
        <option value="speech">Text to speech</option>
        <option value="transcription">Speech to text</option>
      </Select>
    </Field>
  ) : null
  return way === 'speech' ? <Speech chooser={chooser} /> : <Transcription chooser={chooser} />
}

function Speech({ chooser }: { chooser: ReactNode }) {
  const { client, session, ended, spent, announce } = useDesk()
  const [model, setModel] = useState(session.models.find((m) => m.kind === 'speech')?.name ?? '')
  const [input, setInput] = useState('')
  const [voice, setVoice] = useState('alloy')
  const [format, setFormat] = useState('mp3')
  const [sound, setSound] = useState({ url: '', name: '' })
  const { busy, failure, run, dismiss } = useTask()
  useEffect(() => () => URL.revokeObjectURL(sound.url), [sound])
  const speak = () =>
    run(async (signal) => {
      const res = await client.post('/openai/v1/audio/speech', { model, input, voice, response_format: format }, signal)
      setSound({ url: URL.createObjectURL(await res.blob()), name: `speech.${format}` })
      spent(noTokens, readFacts(res.headers))
      announce('The recording is there.')
    })
  return (
    <Frame
      title="Audio"
      ask={
        <>
          {chooser}
          <ModelField kind="speech" value={model} onChange={setModel} />
          <Field label="Text"><Textarea rows={6} resize="vertical" value={input} onChange={(_, d) => setInput(d.value)} /></Field>
          <Field label="Voice" size="small"><Select value={voice} onChange={(_, d) => setVoice(d.value)}>{voices.map((v) => <option key={v}>{v}</option>)}</Select></Field>
          <Field label="Format" size="small"><Select value={format} onChange={(_, d) => setFormat(d.value)}>{formats.map((f) => <option key={f}>{f}</option>)}</Select></Field>
          <div><Button appearance="primary" disabled={busy || ended || input.trim() === '' || model === ''} onClick={speak}>Speak</Button></div>
        </>
      }
    >
      {failure ? <Failed failure={failure} onDismiss={dismiss} onRetry={speak} /> : null}
      {busy ? <Spinner label="Speaking" /> : null}
      {sound.url ? <><audio className={css.audio} controls src={sound.url} aria-label="What was spoken" /><div><Link href={sound.url} download={sound.name}>Download {sound.name}</Link></div></> : busy ? null : <p className={css.empty}>What is spoken appears here.</p>}
    </Frame>
  )
}

function Transcription({ chooser }: { chooser: ReactNode }) {
  const { client, session, ended, spent, announce } = useDesk()
  const [model, setModel] = useState(session.models.find((m) => m.kind === 'transcription')?.name ?? '')
  const [file, setFile] = useState<File | null>(null)
  const [language, setLanguage] = useState('')
  const [said, setSaid] = useState('')
  const { busy, failure, run, dismiss } = useTask()
  const write = () =>
    run(async (signal) => {
      if (!file) return
      const form = new FormData()
      form.append('model', model)
      if (language.trim()) form.append('language', language.trim())
      form.append('response_format', 'json')
      form.append('file', file, file.name)
      const res = await client.form('/openai/v1/audio/transcriptions', form, signal)
      const words = text(object(parse(await res.text())).text)
      setSaid(words)
      spent(noTokens, readFacts(res.headers))
      announce(words.slice(0, 1500))
    })
  return (
    <Frame
      title="Audio"
      ask={
        <>
          {chooser}
          <ModelField kind="transcription" value={model} onChange={setModel} />
          <Field label="Recording" hint="mp3, mp4, m4a, wav or webm, up to 25 MB.">
            {(props) => <input {...props} className={css.file} type="file" accept="audio/*,video/mp4,video/webm" onChange={(e) => setFile(e.target.files?.[0] ?? null)} />}
          </Field>
          <Field label="Language" size="small" hint="Two letters, such as en; empty to detect it."><Input value={language} maxLength={5} onChange={(_, d) => setLanguage(d.value)} /></Field>
          <div><Button appearance="primary" disabled={busy || ended || !file || model === ''} onClick={write}>Write it down</Button></div>
        </>
      }
    >
      {failure ? <Failed failure={failure} onDismiss={dismiss} onRetry={write} /> : null}
      {busy ? <Spinner label="Listening" /> : null}
      {said ? <><p className={css.output}>{said}</p><div><CopyButton text={said} label="Copy the text" worded /></div></> : busy ? null : <p className={css.empty}>What was said appears here.</p>}
    </Frame>
  )
}
