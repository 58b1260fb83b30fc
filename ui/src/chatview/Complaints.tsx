import type { Complaint } from '../chat/tools'
import css from './setup.module.css'

/** What is wrong with something typed, each with its place. */
export function Complaints({ of, complaints }: { of: string; complaints: Complaint[] }) {
  if (complaints.length === 0) return null
  return (
    <ul className={css.complaints} aria-label={`What is wrong with ${of}`}>
      {complaints.slice(0, 20).map((c) => (
        <li key={c.at + c.message}>{c.at ? <code>{c.at}</code> : null}{c.line ? ` (line ${c.line})` : ''} {c.message}</li>
      ))}
      {complaints.length > 20 ? <li>… and {complaints.length - 20} more</li> : null}
    </ul>
  )
}

export const wrongWords = (n: number) => `${n === 1 ? 'One thing is' : `${n} things are`} wrong; nothing of it is sent.`
