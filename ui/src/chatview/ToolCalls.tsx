import { WrenchRegular } from '@fluentui/react-icons'
import { parse } from '../api/json'
import type { ToolCall } from '../chat/types'
import css from './chat.module.css'

/** The functions the model asks for, with their arguments. */
export function ToolCalls({ calls }: { calls: ToolCall[] }) {
  return calls.map((c, i) => (
    <div key={c.id || i} className={css.call}>
      <div className={css.callName}><WrenchRegular aria-hidden /> Calls <code>{c.name}</code></div>
      <pre className={css.callArguments} tabIndex={0} aria-label={`Arguments of ${c.name}`}>{pretty(c.arguments)}</pre>
    </div>
  ))
}

function pretty(json: string): string {
  const value = parse(json)
  return value === undefined ? json : JSON.stringify(value, null, 2)
}
