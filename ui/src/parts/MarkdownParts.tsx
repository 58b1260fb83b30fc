import type { Components } from 'react-markdown'
import { CopyButton } from './CopyButton'
import { noteLink } from './footnotes'
import { languageOf, type Node, textOf } from './grammars'
import { lazily } from './lazily'
import css from './markdown.module.css'
import { formulaOf } from './math'

const Written = ({ tex }: { tex: string }) => <code>{tex}</code>
const Formula = lazily(() => import('./Formula'), Written, Written)

/** How an answer's elements are drawn where the browser's own way does not do. */
export const components: Components = {
  a: ({ href, children }) => <Link href={href}>{children}</Link>,
  code: ({ node, className, children }) => {
    const formula = className ? null : formulaOf(textOf(node as Node))
    return formula ? <Formula {...formula} /> : <code className={className}>{children}</code>
  },
  table: ({ children }) => <div className={css.table} role="group" aria-label="Table" tabIndex={0}><table>{children}</table></div>,
  input: ({ checked }) => <input type="checkbox" checked={checked === true} readOnly disabled aria-label={checked ? 'done' : 'to do'} />,
  pre: ({ node, children }) => {
    const code = node?.children[0] as Node | undefined
    return <CodeFrame language={languageOf(code)} code={textOf(code)}>{children}</CodeFrame>
  },
}

/** A piece of code, with its language and a button that copies it. */
export function CodeFrame({ language, code, children }: { language: string; code: string; children: React.ReactNode }) {
  return (
    <div className={css.code}>
      <div className={css.codeHead}>
        <span>{language || 'code'}</span>
        <CopyButton text={code} label="Copy the code" />
      </div>
      <pre tabIndex={0} aria-label={`Code${language ? ` in ${language}` : ''}`}>{children}</pre>
    </div>
  )
}

function Link({ href = '', children }: { href?: string; children: React.ReactNode }) {
  const [, own, number] = noteLink.exec(href) ?? []
  if (number === undefined) return <a href={href} target="_blank" rel="noopener noreferrer nofollow">{children}</a>
  if (own) return <span className={css.noted} data-note={number} tabIndex={-1}>{number}.</span>
  return <sup><button type="button" className={css.note} aria-label={`Footnote ${number}`} onClick={toNote}>{number}</button></sup>
}

/** Goes to the note of the same answer. */
function toNote({ currentTarget }: React.MouseEvent<HTMLElement>): void {
  const answer = currentTarget.closest(`.${css.markdown}`)
  const note = answer?.querySelector<HTMLElement>(`[data-note="${currentTarget.textContent}"]`)
  note?.scrollIntoView({ block: 'nearest' })
  note?.focus()
}
