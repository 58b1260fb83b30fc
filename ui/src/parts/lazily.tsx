import { Button, MessageBar, MessageBarActions, MessageBarBody } from '@fluentui/react-components'
import { type ComponentType, createContext, lazy, Suspense, use, useCallback, useState } from 'react'

type Load<P> = () => Promise<{ default: ComponentType<P> }>

/** Tries once more to load what could not be loaded. */
const Again = createContext<() => void>(() => undefined)

/**
 * A part of the page that comes when it is needed, with `Meanwhile` in its place until then. Where it cannot
 * be loaded (there is no network, or the gateway was renewed and its files have other names), `Instead` stands
 * there and all else goes on: React would take the whole page away. What is shown next tries anew.
 */
export function lazily<P extends object>(load: Load<P>, Meanwhile: ComponentType<P> = Nothing, Instead: ComponentType<P> = Unloaded): ComponentType<P> {
  const attempt = () =>
    lazy<ComponentType<P>>(() =>
      load().catch(() => {
        next = attempt()
        return { default: Instead }
      }),
    )
  let next = attempt()
  // The boundary is within the part, so that it keeps its attempt while that is on its way.
  return function Part(props: P) {
    const [Now, setNow] = useState(() => next)
    const again = useCallback(() => setNow(() => next), [])
    return (
      <Again value={again}>
        <Suspense fallback={<Meanwhile {...props} />}>
          <Now {...props} />
        </Suspense>
      </Again>
    )
  }
}

const Nothing = () => null

export const unloaded = 'could not be loaded. Try again, or reload the page: your chats stay.'

function Unloaded() {
  const again = use(Again)
  return (
    <MessageBar intent="warning" layout="multiline" role="alert">
      <MessageBarBody>This part of the page {unloaded}</MessageBarBody>
      <MessageBarActions>
        <Button size="small" onClick={again}>Try again</Button>
        <Button size="small" onClick={() => location.reload()}>Reload the page</Button>
      </MessageBarActions>
    </MessageBar>
  )
}
