import { Input, Label, Slider, useId } from '@fluentui/react-components'
import { type CSSProperties, useEffect, useState } from 'react'
import { InfoTip } from './InfoTip'
import css from './parts.module.css'

interface Props {
  label: string
  hint: string
  value: number
  min: number
  max: number
  step: number
  disabled?: boolean
  onChange: (value: number) => void
}

// A mark at each of two hundred steps would be a dotted line.
const noMarks = { '--fui-Slider--steps-percent': '101%' } as CSSProperties

/** A slider and a number box that show and set the same value. */
export function SliderField({ label, hint, value, min, max, step, disabled, onChange }: Props) {
  const id = useId('slider')
  const [typed, setTyped] = useState<string | null>(null)
  useEffect(() => setTyped(null), [value])
  const type = (text: string) => {
    setTyped(text)
    const n = Number(text)
    // What is in range counts at once, so that nothing shown is ever unsent.
    if (text.trim() !== '' && Number.isFinite(n) && n >= min && n <= max) onChange(rounded(n, step))
  }
  const settle = () => {
    const n = Number(typed)
    if (typed !== null && typed.trim() !== '' && Number.isFinite(n)) onChange(rounded(Math.min(max, Math.max(min, n)), step))
    setTyped(null)
  }
  return (
    <div className={css.sliderField}>
      <span className={css.labelRow}>
        <Label htmlFor={id} size="small" disabled={disabled}>{label}</Label>
        <InfoTip about={label}>{hint}</InfoTip>
      </span>
      <div className={css.sliderRow}>
        <Slider
          id={id}
          className={css.slider}
          size="small"
          min={min}
          max={max}
          step={step}
          value={value}
          disabled={disabled}
          style={noMarks}
          onChange={(_, d) => onChange(d.value)}
        />
        <Input
          className={css.numberBox}
          size="small"
          type="number"
          inputMode="decimal"
          min={min}
          max={max}
          step={step}
          aria-label={`${label}, number`}
          value={typed ?? String(value)}
          disabled={disabled}
          onChange={(_, d) => type(d.value)}
          onBlur={settle}
          onKeyDown={(e) => e.key === 'Enter' && settle()}
        />
      </div>
    </div>
  )
}

function rounded(n: number, step: number): number {
  return Number((Math.round(n / step) * step).toFixed(4))
}
