import { Button, Textarea } from '@fluentui/react-components'
import { AttachRegular, SendRegular, StopRegular } from '@fluentui/react-icons'
import { type ClipboardEvent, type KeyboardEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react'
import type { Model } from '../api/types'
import { countOf } from '../chat/attach'
import { organisersPrompts, withPrompt } from '../chat/prompts'
import { hears, sees } from '../chat/request'
import type { Attachments } from '../chat/types'
import { useDesk } from '../parts/desk'
import { useMedia } from '../parts/hooks'
import { Notice } from '../parts/Notice'
import { phone } from '../parts/Pane'
import { Attached } from './Attached'
import files from './attached.module.css'
import css from './chat.module.css'
import { Estimate } from './Estimate'
import { PromptChips } from './PromptChips'
import { useAttachments, useDrop } from './useAttachments'

/** What others may do with the box. */
export interface ComposerBox {
  /** Puts a prompt into it, for the person to change and send. */
  insert(text: string): void
}

interface Props {
  ref?: Ref<ComposerBox>
  /** There are messages, so that prompts are no longer in the chat itself. */
  begun: boolean
  busy: boolean
  /** Why nothing can be sent; empty when it can. */
  blocked: string
  /** The event is over, so that what would be sent is of no interest. */
  ended: boolean
  model: Model | undefined
  /** Pictures and sounds of the chat that do not go along. */
  left: number
  /** Tokens that go along with the message. */
  before: number
  /** What stood in the box when it was left. */
  draft: string
  onDraft: (text: string) => void
  onSend: (text: string, attached: Attachments) => void
  onStop: () => void
}

/** Where the next message is written. */
export function Composer({ ref, begun, busy, blocked, ended, model, left, before, draft, onDraft, onSend, onStop }: Props) {
  const [text, setText] = useState(draft)
  const attaching = useAttachments(model)
  const { attached, add } = attaching
  const file = useRef<HTMLInputElement>(null)
  const box = useRef<HTMLTextAreaElement>(null)
  const small = useMedia(phone)
  const refused = (attached.images.length > 0 && !sees(model)) || (attached.audio.length > 0 && !hears(model))
  const why = blocked || (refused ? `${model?.name ?? 'The model'} does not take what is attached: remove it, or choose another model.` : '')
  const ready = !busy && why === '' && !attaching.reading && (text.trim() !== '' || countOf(attached) > 0)
  const over = useDrop(box, add)
  useEffect(() => {
    grow(box.current)
    onDraft(text)
  }, [text])
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

  const send = () => {
    if (!ready) return
    onSend(text, attached)
    setText('')
    attaching.clear()
  }
  const key = (e: KeyboardEvent) => {
    if (e.key !== 'Enter' || e.shiftKey || e.nativeEvent.isComposing) return
    e.preventDefault()
    send()
  }
  const paste = (e: ClipboardEvent) => {
    const pasted = [...e.clipboardData.files]
    // Office programs put a picture of the text beside the text, which is what is meant.
    if (pasted.length === 0 || e.clipboardData.getData('text/plain') !== '') return
    e.preventDefault()
    add(pasted)
  }
  return (
    <div className={css.composer}>
      {over ? <div className={files.drop} aria-hidden>Drop files to attach them</div> : null}
      {attaching.wrong ? <Notice onDismiss={attaching.dismiss}>{attaching.wrong}</Notice> : null}
      {countOf(attached) > 0 ? <Attached attached={attached} onRemove={attaching.remove} /> : null}
      {begun && !ended ? <PromptChips prompts={prompts} onChoose={insert} /> : null}
      <div className={css.box}>
        <Textarea
          className={css.input}
          appearance="outline"
          textarea={{ ref: box, rows: 1, id: 'composer' }}
          aria-label="Your message"
          aria-describedby="composer-hint"
          readOnly={ended}
          placeholder={ended ? 'The event has ended' : small ? 'Type user query here' : 'Type user query here (Shift + Enter for a new line)'}
          value={text}
          onChange={(_, d) => setText(d.value)}
          onKeyDown={key}
          onPaste={paste}
        />
        <div className={css.boxButtons}>
          <Button appearance="subtle" icon={<AttachRegular />} aria-label="Attach files" title={`Attach ${kindsOf(model)}`} disabled={ended || countOf(attached) >= 10} onClick={() => file.current?.click()} />
          <input ref={file} type="file" multiple hidden aria-label="Files" onChange={(e) => { add([...(e.target.files ?? [])]); e.target.value = '' }} />
          {busy ? (
            <Button icon={<StopRegular />} onClick={onStop}>Stop</Button>
          ) : (
            <Button appearance="primary" icon={<SendRegular />} iconPosition="after" disabled={!ready} onClick={send}>Send</Button>
          )}
        </div>
      </div>
      <div id="composer-hint" className={css.hint}>
        {why ? <span>{why} </span> : null}
        {ended ? null : <Estimate text={text} attached={attached} before={before} model={model} session={session} left={left} />}
      </div>
    </div>
  )
}

const kindsOf = (model: Model | undefined) => ['text files', ...(sees(model) ? ['pictures'] : []), ...(hears(model) ? ['sound'] : [])].join(', ')

/** The box is as high as its text, within bounds. */
function grow(box: HTMLTextAreaElement | null): void {
  if (!box) return
  box.style.height = 'auto'
  box.style.height = `${Math.min(200, Math.max(40, box.scrollHeight))}px`
}
