import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import { DismissRegular } from '@fluentui/react-icons'
import type { Failure } from '../api/types'
import { duration, useNow } from './hooks'
import css from './parts.module.css'

interface Props {
  failure: Failure
  onRetry?: () => void
  onDismiss?: () => void
}

/** Tells what went wrong, what to do, and when trying again makes sense. */
export function Failed({ failure, onRetry, onDismiss }: Props) {
  const waits = failure.retryAt > Date.now()
  const now = useNow(500, waits)
  const left = failure.retryAt - now
  return (
    <MessageBar intent={failure.status === 429 ? 'warning' : 'error'} layout="multiline" className={css.failed}>
      <MessageBarBody>
        <MessageBarTitle>{failure.title}.</MessageBarTitle> {failure.message} <span className={css.advice}>{failure.advice}</span>
        {failure.requestId ? <span className={css.requestId}>Request {failure.requestId}</span> : null}
      </MessageBarBody>
      <MessageBarActions
        containerAction={onDismiss ? <Button appearance="transparent" size="small" icon={<DismissRegular />} aria-label="Dismiss the error" onClick={onDismiss} /> : undefined}
      >
        {onRetry && !failure.ended ? (
          <Button size="small" onClick={onRetry} disabled={left > 0}>{left > 0 ? `Try again in ${duration(left)}` : 'Try again'}</Button>
        ) : null}
      </MessageBarActions>
    </MessageBar>
  )
}
