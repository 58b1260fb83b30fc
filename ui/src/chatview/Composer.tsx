import { Button, Textarea } from '@fluentui/react-components'
import { ImageAddRegular, SendRegular, StopRegular } from '@fluentui/react-icons'
import { type ClipboardEvent, type KeyboardEvent, type Ref, useDeferredValue, useEffect, useImperativeHandle, useMemo, useRef, useState } from 'react'
import { pickImages } from '../chat/images'
import { organisersPrompts, withPrompt } from '../chat/prompts'
import { estimateDraft } from '../chat/tokens'
import type { Image } from '../chat/types'
import { useDesk } from '../parts/desk'
import { useMedia } from '../parts/hooks'
import { Notice } from '../parts/Notice'
import { phone } from '../parts/Pane'
import css from './chat.module.css'
import { PromptChips } from './PromptChips'

/** What others may do with the box. */
export interface ComposerBox {
  /** Puts a prompt into it, for the person to change and send. */
  insert(text: string): void
}

interface Props {
  ref: Ref<ComposerBox>
  /** There are messages, so that prompts are no longer in the chat itself. */
  begun: boolean
  busy: boolean
  /** Why nothing can be sent; empty when it can. */
  blocked: string
  /** The event is over, so that what would be sent is of no interest. */
  ended: boolean
  vision: boolean
  /** Tokens that go along with the message. */
  before: number
  /** The model's context in tokens; 0 when unknown. */
  context: number
  onSend: (text: string, images: Image[]) => void
  onStop: () => void
}

/** Where the next message is written. */
export function Composer({ ref, begun, busy, blocked, ended, vision, before, context, onSend, onStop }: Props) {
  const [text, setText] = useState('')
  const [images, setImages] = useState<Image[]>([])
  const [wrong, setWrong] = useState('')
  const file = useRef<HTMLInputElement>(null)
  const box = useRef<HTMLTextAreaElement>(null)
  const small = useMedia(phone)
  const ready = !busy && blocked === '' && (text.trim() !== '' || images.length > 0)
  useEffect(() => grow(box.current), [text])
  const { session } = useDesk()
  const prompts = organisersPrompts(session)
  const insert = (chosen: string) => {
    setText((had) => withPrompt(had, chosen, prompts))
    // The person goes on at its end.
    setTimeout(() => {
      box.current?.focus()
      box.current?.setSelectionRange(box.current.value.length, box.current.value.length)
    })
  }
  useImperativeHandle(ref, () => ({ insert }))

  const attach = async (files: File[]) => {
    const picked = await pickImages(files, images.length)
    setImages((had) => had.concat(picked.images).slice(0, 10))
    setWrong(picked.wrong)
  }
  const send = () => {
    if (!ready) return
    onSend(text, images)
    setText('')
    setImages([])
    setWrong('')
  }
  const key = (e: KeyboardEvent) => {
    if (e.key !== 'Enter' || e.shiftKey || e.nativeEvent.isComposing) return
    e.preventDefault()
    send()
  }
  const paste = (e: ClipboardEvent) => {
    const files = [...e.clipboardData.files]
    if (!vision || files.length === 0) return
    e.preventDefault()
    attach(files)
  }
  return (
    <div className={css.composer}>
      {wrong ? <Notice onDismiss={() => setWrong('')}>{wrong}</Notice> : null}
      {images.length > 0 ? <Attached images={images} onRemove={(at) => setImages(images.filter((_, i) => i !== at))} /> : null}
      {begun && !ended ? <PromptChips prompts={prompts} onChoose={insert} /> : null}
      <div className={css.box}>
        <Textarea
          className={css.input}
          appearance="outline"
          textarea={{ ref: box, rows: 1, id: 'composer' }}
          aria-label="Your message"
          aria-describedby="composer-hint"
          placeholder={small ? 'Type user query here' : 'Type user query here (Shift + Enter for a new line)'}
          value={text}
          onChange={(_, d) => setText(d.value)}
          onKeyDown={key}
          onPaste={paste}
        />
        <div className={css.boxButtons}>
          {vision ? (
            <>
              <Button appearance="subtle" icon={<ImageAddRegular />} aria-label="Attach pictures" title="Attach pictures" disabled={images.length >= 10} onClick={() => file.current?.click()} />
              <input ref={file} type="file" multiple hidden aria-label="Pictures" accept="image/png,image/jpeg,image/gif,image/webp" onChange={(e) => { attach([...(e.target.files ?? [])]); e.target.value = '' }} />
            </>
          ) : null}
          {busy ? (
            <Button icon={<StopRegular />} onClick={onStop}>Stop</Button>
          ) : (
            <Button appearance="primary" icon={<SendRegular />} iconPosition="after" disabled={!ready} onClick={send}>Send</Button>
          )}
        </div>
      </div>
      <div id="composer-hint" className={css.hint}>{blocked ? <span>{blocked} </span> : null}{ended ? null : <Estimate text={text} images={images.length} before={before} context={context} />}</div>
    </div>
  )
}

function Estimate({ text, images, before, context }: { text: string; images: number } & Pick<Props, 'before' | 'context'>) {
  const draft = useDeferredValue(text)
  const count = useMemo(() => before + estimateDraft(draft, images), [draft, images, before])
  const over = context > 0 && count > context
  return <span className={over ? css.over : undefined}>About {count.toLocaleString()} tokens will be sent{over ? `: more than the model's ${context.toLocaleString()}` : ''}</span>
}

function Attached({ images, onRemove }: { images: Image[]; onRemove: (at: number) => void }) {
  return (
    <ul className={css.attached} aria-label="Attached pictures">
      {images.map((i, at) => (
        <li key={i.url}>
          <img src={i.url} alt={i.name} className={css.thumb} />
          <button type="button" className={css.remove} aria-label={`Remove ${i.name}`} onClick={() => onRemove(at)}>×</button>
        </li>
      ))}
    </ul>
  )
}

/** The box is as high as its text, within bounds. */
function grow(box: HTMLTextAreaElement | null): void {
  if (!box) return
  box.style.height = 'auto'
  box.style.height = `${Math.min(200, Math.max(40, box.scrollHeight))}px`
}
