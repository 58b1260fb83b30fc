import { Button, Field, Link, Select, Spinner, Textarea } from '@fluentui/react-components'
import { ArrowDownloadRegular, CodeRegular } from '@fluentui/react-icons'
import { useState } from 'react'
import { number, object } from '../api/json'
import { ModelField } from '../chatview/ModelField'
import { useDesk } from '../parts/desk'
import { Failed } from '../parts/Failed'
import { lazily } from '../parts/lazily'
import { SliderField } from '../parts/SliderField'
import { Frame } from './Frame'
import { buildImages, type ImageAsk, imageOptions, type Picture, readPictures } from './imageOptions'
import css from './tabs.module.css'
import { useTask } from './useTask'

const ViewCode = lazily(() => import('../code/ViewCode'))

/** Pictures from words. */
export default function ImagesView() {
  const { client, session, ended, spent, announce } = useDesk()
  const baseOf = (name: string) => session.models.find((m) => m.name === name)?.base ?? name
  const first = session.models.find((m) => m.kind === 'image')?.name ?? ''
  const [ask, setAsk] = useState<ImageAsk>({ model: first, base: baseOf(first), prompt: '', size: '', quality: '', style: '', n: 1 })
  const [pictures, setPictures] = useState<Picture[]>([])
  const [code, setCode] = useState(false)
  const { busy, failure, run, dismiss } = useTask()
  const options = imageOptions(ask.base)
  const body = buildImages(ask)
  const generate = () =>
    run(async (signal) => {
      announce('Drawing.')
      const { body: answer, facts } = await client.ask('/openai/v1/images/generations', body, signal)
      const made = readPictures(answer, ask.prompt)
      setPictures((had) => [...made, ...had])
      const usage = object(object(answer).usage)
      spent({ prompt: number(usage.input_tokens), completion: number(usage.output_tokens), total: number(usage.total_tokens) }, facts)
      announce(`${made.length} ${made.length === 1 ? 'picture is' : 'pictures are'} there.`)
    })
  const choice = (name: 'size' | 'quality' | 'style', label: string, values: string[]) =>
    values.length === 0 ? null : (
      <Field label={label} size="small">
        <Select value={String(body[name])} onChange={(_, d) => setAsk({ ...ask, [name]: d.value })}>
          {values.map((v) => <option key={v}>{v}</option>)}
        </Select>
      </Field>
    )
  return (
    <Frame
      title="Images"
      ask={
        <>
          <ModelField kind="image" value={ask.model} onChange={(model) => setAsk({ ...ask, model, base: baseOf(model) })} />
          <Field label="Prompt"><Textarea rows={6} resize="vertical" value={ask.prompt} onChange={(_, d) => setAsk({ ...ask, prompt: d.value })} placeholder="A watercolour of a lighthouse at dawn" /></Field>
          {choice('size', 'Size', options.sizes)}
          {choice('quality', 'Quality', options.qualities)}
          {choice('style', 'Style', options.styles)}
          {options.most > 1 ? <SliderField label="Number of pictures" hint="How many to make of this prompt." min={1} max={options.most} step={1} value={Math.min(ask.n, options.most)} onChange={(n) => setAsk({ ...ask, n })} /> : null}
          <div className={css.row}>
            <Button appearance="primary" disabled={busy || ended || ask.prompt.trim() === '' || ask.model === ''} onClick={generate}>Generate</Button>
            <Button icon={<CodeRegular />} onClick={() => setCode(true)}>View code</Button>
          </div>
        </>
      }
    >
      {failure ? <Failed failure={failure} onDismiss={dismiss} onRetry={generate} /> : null}
      {busy ? <Spinner label="Drawing" /> : null}
      {pictures.length === 0 && !busy ? <p className={css.empty}>What you generate appears here.</p> : null}
      <div className={css.pictures}>{pictures.map((p, i) => <PictureCard key={pictures.length - i} picture={p} />)}</div>
      {code ? <ViewCode path="/images/generations" body={body} onClose={() => setCode(false)} /> : null}
    </Frame>
  )
}

function PictureCard({ picture }: { picture: Picture }) {
  const inline = picture.url.startsWith('data:')
  const type = /^data:image\/(\w+)/.exec(picture.url)?.[1] ?? 'png'
  return (
    <figure className={css.picture}>
      <img src={picture.url} alt={picture.prompt} referrerPolicy="no-referrer" />
      <figcaption>
        <span>{picture.prompt}</span>
        {picture.revised && picture.revised !== picture.prompt ? <span className={css.quiet}>Revised: {picture.revised}</span> : null}
        <Link href={picture.url} {...(inline ? { download: `picture.${type}` } : { target: '_blank', rel: 'noopener noreferrer' })}>
          <ArrowDownloadRegular /> {inline ? 'Download' : 'Open in full size'}
        </Link>
      </figcaption>
    </figure>
  )
}
