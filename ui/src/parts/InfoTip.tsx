import { Button, Popover, PopoverSurface, PopoverTrigger } from '@fluentui/react-components'
import { InfoRegular } from '@fluentui/react-icons'
import css from './parts.module.css'

/** A small (i) that explains a setting when it is pressed. */
export function InfoTip({ about, children }: { about: string; children: string }) {
  return (
    <Popover withArrow size="small" positioning="above-start">
      <PopoverTrigger disableButtonEnhancement>
        <Button className={css.info} size="small" appearance="transparent" icon={<InfoRegular />} aria-label={`About ${about}`} />
      </PopoverTrigger>
      <PopoverSurface className={css.infoText} aria-label={about}>{children}</PopoverSurface>
    </Popover>
  )
}
