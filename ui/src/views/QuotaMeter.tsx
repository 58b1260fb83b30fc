import { Button, Popover, PopoverSurface, PopoverTrigger } from '@fluentui/react-components'
import { GaugeRegular } from '@fluentui/react-icons'
import { limitName } from '../api/session'
import type { Limit } from '../api/types'
import { Left } from '../chatview/Quota'
import { useDesk } from '../parts/desk'
import { figure, shortFigure } from '../parts/figures'
import css from './views.module.css'

/** The limit of which least is left, in a few words; all of them on a click. */
export function QuotaMeter() {
  const { session, reading } = useDesk()
  const limits = session.limits.filter((l) => l.amount > 0)
  const least = limits.toSorted((a, b) => share(a) - share(b))[0]
  if (!least || reading) return null
  const unit = least.quantity === 'money' ? ` ${least.unit}` : ''
  const words = `${figure(least.left)} of ${figure(least.amount)}${unit} left: ${limitName(least)}`
  return (
    <Popover trapFocus>
      <PopoverTrigger disableButtonEnhancement>
        <Button className={css.meter} appearance="subtle" icon={<GaugeRegular />} aria-label={words} title={words}>
          <span className={css.meterWords} data-low={share(least) < 0.1}>{figure(least.left)} of {figure(least.amount)}{unit || ` ${least.quantity}`} left</span>
          <span className={css.meterShort} data-low={share(least) < 0.1}>{shortFigure(least.left)}</span>
        </Button>
      </PopoverTrigger>
      <PopoverSurface className={css.meterList} aria-label="What is left">
        <h2 className={css.meterTitle} tabIndex={0}>What is left</h2>
        {limits.map((l, i) => <Left key={i} limit={l} clockLag={session.clockLag} />)}
      </PopoverSurface>
    </Popover>
  )
}

const share = (l: Limit) => l.left / l.amount
