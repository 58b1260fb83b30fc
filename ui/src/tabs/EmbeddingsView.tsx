import { Button, Field, Input, Spinner, Textarea } from '@fluentui/react-components'
import { AddRegular, CodeRegular, DeleteRegular } from '@fluentui/react-icons'
import { useState } from 'react'
import { number, object } from '../api/json'
import { ModelField } from '../chatview/ModelField'
import { CopyButton } from '../parts/CopyButton'
import { useDesk } from '../parts/desk'
import { Failed } from '../parts/Failed'
import { Frame } from './Frame'
import css from './tabs.module.css'
import { useTask } from './useTask'
import { bars, cosine, readVectors } from './vectors'
import { figure } from '../parts/figures'
import { lazily } from '../parts/lazily'

const ViewCode = lazily(() => import('../code/ViewCode'))

interface Result {
  inputs: string[]
  vectors: number[][]
}

/** Texts as vectors, and how near they are to each other. */
export default function EmbeddingsView() {
  const { client, session, ended, spent, announce } = useDesk()
  const [model, setModel] = useState(session.models.find((m) => m.kind === 'embedding')?.name ?? '')
  const [inputs, setInputs] = useState(['', ''])
  const [size, setSize] = useState('')
  const [result, setResult] = useState<Result | null>(null)
  const [code, setCode] = useState(false)
  const { busy, failure, run, dismiss } = useTask()
  const filled = inputs.filter((i) => i.trim() !== '')
  const wrongSize = size.trim() !== '' && !/^[1-9]\d{0,4}$/.test(size.trim())
  const body = { model, input: filled, ...(size.trim() && !wrongSize ? { dimensions: Number(size) } : {}) }
  const embed = () =>
    run(async (signal) => {
      const { body: answer, facts } = await client.ask('/openai/v1/embeddings', body, signal)
      const vectors = readVectors(answer)
      setResult({ inputs: filled, vectors })
      const usage = object(object(answer).usage)
      spent({ prompt: number(usage.prompt_tokens), completion: 0, total: number(usage.total_tokens) }, facts)
      announce(`${vectors.length} vectors are there.`)
    })
  return (
    <Frame
      title="Embeddings"
      ask={
        <>
          <ModelField kind="embedding" value={model} onChange={setModel} />
          <div className={css.inputs}>
            {inputs.map((text, i) => (
              <div key={i} className={css.input}>
                <Field label={`Text ${i + 1}`} size="small">
                  <Textarea resize="vertical" value={text} onChange={(_, d) => setInputs(inputs.map((t, n) => (n === i ? d.value : t)))} />
                </Field>
                {inputs.length > 1 ? <Button appearance="subtle" icon={<DeleteRegular />} aria-label={`Delete text ${i + 1}`} onClick={() => setInputs(inputs.filter((_, n) => n !== i))} /> : null}
              </div>
            ))}
          </div>
          <div><Button size="small" icon={<AddRegular />} disabled={inputs.length >= 16} onClick={() => setInputs([...inputs, ''])}>Add a text</Button></div>
          <Field label="Dimensions" size="small" hint="Empty for the model's own." validationState={wrongSize ? 'error' : 'none'} validationMessage={wrongSize ? 'A whole number above 0.' : undefined}>
            <Input inputMode="numeric" value={size} onChange={(_, d) => setSize(d.value)} />
          </Field>
          <div className={css.row}>
            <Button appearance="primary" disabled={busy || ended || filled.length === 0 || wrongSize || model === ''} onClick={embed}>Embed</Button>
            <Button icon={<CodeRegular />} onClick={() => setCode(true)}>View code</Button>
          </div>
        </>
      }
    >
      {failure ? <Failed failure={failure} onDismiss={dismiss} onRetry={embed} /> : null}
      {busy ? <Spinner label="Embedding" /> : null}
      {result ? <Vectors result={result} /> : busy ? null : <p className={css.empty}>Vectors and their similarity appear here.</p>}
      {code ? <ViewCode path="/embeddings" body={body} onClose={() => setCode(false)} /> : null}
    </Frame>
  )
}

function Vectors({ result }: { result: Result }) {
  return (
    <>
      {result.vectors.length > 1 ? <Similarity result={result} /> : null}
      {result.vectors.map((v, i) => (
        <div key={i} className={css.vector}>
          <div className={css.vectorHead}>
            <span className={css.vectorName}>{result.inputs[i]}</span>
            <span>{figure(v.length)} dimensions <CopyButton text={() => JSON.stringify(v)} label={`Copy vector ${i + 1}`} /></span>
          </div>
          <Bars vector={v} />
          <div className={css.numbers}>{v.slice(0, 8).map((n) => n.toFixed(4)).join('  ')} …</div>
        </div>
      ))}
    </>
  )
}

function Bars({ vector }: { vector: number[] }) {
  const shown = bars(vector, 96)
  return (
    <svg className={css.bars} viewBox={`0 0 ${shown.length} 2`} preserveAspectRatio="none" aria-hidden>
      {shown.map((b, i) => <rect key={i} x={i + 0.1} width={0.8} y={b > 0 ? 1 - b : 1} height={Math.abs(b)} />)}
    </svg>
  )
}

function Similarity({ result }: { result: Result }) {
  return (
    <div className={css.matrix}>
      <h3 className={css.heading}>Cosine similarity</h3>
      <table>
        <thead><tr><th scope="col">Text</th>{result.vectors.map((_, i) => <th key={i} scope="col">{i + 1}</th>)}</tr></thead>
        <tbody>
          {result.vectors.map((a, i) => (
            <tr key={i}><th scope="row" title={result.inputs[i]}>{i + 1}</th>{result.vectors.map((b, j) => <td key={j}>{cosine(a, b).toFixed(3)}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
