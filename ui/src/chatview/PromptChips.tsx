import { Button } from '@fluentui/react-components'
import type { Prompt } from '../api/types'
import css from './prompts.module.css'

interface Props {
  prompts: Prompt[]
  /** Large ones fill an empty chat; small ones are a row above the box. */
  large?: boolean
  onChoose: (text: string) => void
}

/** Texts to begin with. One that is chosen goes into the box, and is not sent. */
export function PromptChips({ prompts, large = false, onChoose }: Props) {
  if (prompts.length === 0) return null
  return (
    <ul className={large ? css.large : css.row} aria-label="Prompts to try">
      {prompts.map((p, i) => (
        <li key={i} className={css.item}>
          {large ? (
            <button type="button" className={css.chip} onClick={() => onChoose(p.text)}>
              <span className={css.title} dir="auto">{p.title}</span>
              <span className={css.text} dir="auto">{p.text.slice(0, 300)}</span>
            </button>
          ) : (
            <Button className={css.small} size="small" shape="circular" title={p.text.slice(0, 300)} onClick={() => onChoose(p.text)}><span className={css.label} dir="auto">{p.title}</span></Button>
          )}
        </li>
      ))}
    </ul>
  )
}
