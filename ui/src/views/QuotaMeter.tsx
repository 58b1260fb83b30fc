import { Button, Popover, PopoverSurface, PopoverTrigger } from '@fluentui/react-components'
import { GaugeRegular } from '@fluentui/react-icons'
import { limitName } from '../api/session'
import { Left } from '../chatview/Quota'
import { useDesk } from '../parts/desk'
import { shortFigure } from '../parts/figures'
import { leastLeft, leftWords, shareLeft } from '../parts/left'
import css from './views.module.css'

/** The limit of which least is left, in a few words; all of them on a click. */
export function QuotaMeter() {
  const { session, reading } = useDesk()
  const limits = session.limits.filter((l) => l.amount > 0)
  const least = leastLeft(limits)
  if (!least || reading) return null
  const words = `${leftWords(least)}: ${limitName(least)}`
  const low = shareLeft(least) < 0.1
  return (
    <Popover trapFocus>
      <PopoverTrigger disableButtonEnhancement>
        <Button className={css.meter} appearance="subtle" icon={<GaugeRegular />} aria-label={words} title={words}>
          <span className={css.meterWords} data-low={low}>{leftWords(least)}</span>
          <span className={css.meterShort} data-low={low}>{shortFigure(least.left)}</span>
        </Button>
      </PopoverTrigger>
      <PopoverSurface className={css.meterList} aria-label="What is left">
        <h2 className={css.meterTitle} tabIndex={0}>What is left</h2>
        {limits.map((l, i) => <Left key={i} limit={l} clockLag={session.clockLag} />)}
      </PopoverSurface>
    </Popover>
  )
}
