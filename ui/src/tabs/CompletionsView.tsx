import { Button, Field, Textarea } from '@fluentui/react-components'
import { CodeRegular } from '@fluentui/react-icons'
import { useRef, useState } from 'react'
import { readFacts } from '../api/client'
import { list, number, object, parse, text } from '../api/json'
import { readEvents } from '../api/stream'
import { answerCap } from '../chat/request'
import { ModelField } from '../chatview/ModelField'
import { StopSequences } from '../chatview/StopSequences'
import { CopyButton } from '../parts/CopyButton'
import { useDesk } from '../parts/desk'
import { Failed } from '../parts/Failed'
import { lazily } from '../parts/lazily'
import { SliderField } from '../parts/SliderField'
import { Frame } from './Frame'
import css from './tabs.module.css'
import { useTask } from './useTask'

const ViewCode = lazily(() => import('../code/ViewCode'))

/** Text that the model goes on with. */
export default function CompletionsView() {
  const { client, session, ended, spent, announce } = useDesk()
  const [model, setModel] = useState(session.models.find((m) => m.kind === 'completion')?.name ?? '')
  const [prompt, setPrompt] = useState('')
  const cap = answerCap(session.maxTokens, session.models.find((m) => m.name === model))
  const [max, setMax] = useState(Math.min(256, cap))
  const [temperature, setTemperature] = useState(1)
  const [stops, setStops] = useState<string[]>([])
  const [result, setResult] = useState({ prompt: '', text: '' })
  const [code, setCode] = useState(false)
  const frame = useRef(0)
  const { busy, failure, run, stop, dismiss } = useTask()
  const body = { model, prompt, max_tokens: Math.min(max, cap), temperature, ...(stops.length > 0 ? { stop: stops } : {}), stream: true, stream_options: { include_usage: true } }
  const complete = () =>
    run(async (signal) => {
      announce('Waiting for the text.')
      let said = ''
      let usage: Record<string, unknown> = {}
      const show = () => setResult({ prompt, text: said })
      show()
      const res = await client.post('/openai/v1/completions', body, signal)
      const take = (data: string) => {
        const chunk = object(parse(data))
        said += text(object(list(chunk.choices)[0]).text)
        usage = chunk.usage ? object(chunk.usage) : usage
        cancelAnimationFrame(frame.current)
        frame.current = requestAnimationFrame(show)
      }
      try {
        if (res.headers.get('content-type')?.includes('text/event-stream')) await readEvents(res, signal, take)
        else take(await res.text())
      } finally {
        show()
      }
      spent({ prompt: number(usage.prompt_tokens), completion: number(usage.completion_tokens), total: number(usage.total_tokens) }, readFacts(res.headers))
      announce(said.slice(0, 1500))
    })
  return (
    <Frame
      title="Completions"
      ask={
        <>
          <ModelField kind="completion" value={model} onChange={setModel} />
          <Field label="Prompt"><Textarea rows={8} resize="vertical" value={prompt} onChange={(_, d) => setPrompt(d.value)} placeholder="Once upon a time" /></Field>
          <SliderField label="Max response" hint="The most tokens the text may have." min={1} max={cap} step={1} value={Math.min(max, cap)} onChange={setMax} />
          <SliderField label="Temperature" hint="Low gives steady text, high gives varied text." min={0} max={2} step={0.01} value={temperature} onChange={setTemperature} />
          <StopSequences value={stops} onChange={setStops} />
          <div className={css.row}>
            {busy ? <Button onClick={stop}>Stop</Button> : <Button appearance="primary" disabled={ended || prompt.trim() === '' || model === ''} onClick={complete}>Generate</Button>}
            <Button icon={<CodeRegular />} onClick={() => setCode(true)}>View code</Button>
          </div>
        </>
      }
    >
      {failure ? <Failed failure={failure} onDismiss={dismiss} onRetry={complete} /> : null}
      {result.text === '' && !busy ? <p className={css.empty}>What the model writes appears here.</p> : null}
      {result.text !== '' ? (
        <>
          <p className={css.output} aria-busy={busy}><span className={css.given}>{result.prompt}</span>{result.text}</p>
          <div><CopyButton text={result.text} label="Copy the text" worded /></div>
        </>
      ) : null}
      {code ? <ViewCode path="/completions" body={body} onClose={() => setCode(false)} /> : null}
    </Frame>
  )
}
