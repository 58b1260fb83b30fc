import { DocumentTextRegular, ImageRegular, MusicNote2Regular } from '@fluentui/react-icons'
import { audioTokens, imageTokens } from '../chat/tokens'
import type { Attachments } from '../chat/types'
import css from './attached.module.css'
import { figure } from '../parts/figures'

interface Props {
  attached: Attachments
  onRemove: (kind: keyof Attachments, at: number) => void
}

/** What goes with the next message, with what each costs; each can be taken away. */
export function Attached({ attached, onRemove }: Props) {
  const about = (n: number) => `about ${figure(n)} tokens`
  return (
    <ul className={css.list} aria-label="Attachments">
      {attached.images.map((i, at) => (
        <Item key={`i${at}`} name={i.name} words={`${about(imageTokens(i))}${i.was ? ` · scaled down from ${i.was}` : ''}`} onRemove={() => onRemove('images', at)}>
          {i.url ? <img src={i.url} alt="" className={css.thumb} /> : <ImageRegular />}
        </Item>
      ))}
      {attached.audio.map((a, at) => (
        <Item key={`a${at}`} name={a.name} words={`${Math.ceil(a.seconds)} s · ${about(audioTokens(a))}`} onRemove={() => onRemove('audio', at)}><MusicNote2Regular /></Item>
      ))}
      {attached.files.map((f, at) => (
        <Item key={`f${at}`} name={f.name} words={about(f.tokens)} onRemove={() => onRemove('files', at)}><DocumentTextRegular /></Item>
      ))}
    </ul>
  )
}

function Item({ name, words, onRemove, children }: { name: string; words: string; onRemove: () => void; children: React.ReactNode }) {
  return (
    <li className={css.item}>
      <span className={css.icon} aria-hidden>{children}</span>
      <span className={css.text}>
        <span className={css.name} title={name} dir="auto">{name}</span>
        <span className={css.words}>{words}</span>
      </span>
      <button type="button" className={css.remove} aria-label={`Remove ${name}`} onClick={onRemove}>×</button>
    </li>
  )
}
