import { Link, MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import { askPortal } from '../api/door'
import type { Failure } from '../api/types'
import type { Portal } from '../api/wire'
import type { useTheme } from '../theme'
import { ThemeButton } from './ThemeButton'
import css from './views.module.css'

interface Props {
  title: string
  words: string
  failure: Failure | null
  theme: ReturnType<typeof useTheme>
  onSubmit: () => void
  children: ReactNode
}

/** The card that each step of signing in is on. */
export function SignFrame({ title, words, failure, theme, onSubmit, children }: Props) {
  const portal = usePortal()
  const submit = (e: FormEvent) => {
    e.preventDefault()
    onSubmit()
  }
  return (
    <main className={css.signIn}>
      <div className={css.corner}><ThemeButton theme={theme} /></div>
      <form className={css.signCard} onSubmit={submit}>
        <div className={css.signBrand}>
          <img className={css.signMark} src="/mark.svg" alt="" />
          {portal?.organisation ? <span className={css.signOrganisation}>{portal.organisation}</span> : null}
        </div>
        <h1 className={css.signTitle}>{title}</h1>
        <p className={css.signWords}>{words}</p>
        {failure ? (
          <MessageBar intent="error" layout="multiline" role="alert">
            <MessageBarBody>
              <MessageBarTitle>{failure.title}.</MessageBarTitle> {failure.message} {failure.advice}
            </MessageBarBody>
          </MessageBar>
        ) : null}
        {children}
      </form>
      <div className={css.signFoot}>
        <p><Help help={portal?.help ?? ''} /></p>
        <p>The key stays in this browser and goes to this gateway only.</p>
      </div>
    </main>
  )
}

/** Where to ask: the operator's words, or the address that it gave. */
function Help({ help }: { help: string }) {
  if (/^(https:\/\/|mailto:)/i.test(help)) return <>No code? <Link href={help} inline target="_blank" rel="noopener noreferrer">Ask your host</Link>.</>
  return <>No code? {help || 'Ask your host.'}</>
}

function usePortal(): Portal | null {
  const [portal, setPortal] = useState<Portal | null>(null)
  useEffect(() => {
    let gone = false
    // Whoever cannot be asked now is asked by signing in.
    askPortal().then((p) => !gone && setPortal(p), () => undefined)
    return () => {
      gone = true
    }
  }, [])
  return portal
}
