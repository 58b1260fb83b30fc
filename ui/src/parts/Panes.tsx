import { type CSSProperties, type ReactNode, useRef, useState } from 'react'
import { loadChoice, saveChoice } from '../store/keys'
import css from './panes.module.css'

interface Props {
  left: ReactNode
  middle: ReactNode
  right: ReactNode
  leftOpen: boolean
  rightOpen: boolean
}

const bounds = { min: 240, max: 640 }
const clamp = (n: number) => Math.min(bounds.max, Math.max(bounds.min, Math.round(n)))

/** Three panes side by side; the outer two are resized by dragging or with the arrow keys. */
export function Panes({ left, middle, right, leftOpen, rightOpen }: Props) {
  const [widths, setWidths] = useState(() => ({
    left: clamp(Number(loadChoice('left')) || 340),
    right: clamp(Number(loadChoice('right')) || 320),
  }))
  const set = (side: 'left' | 'right', px: number) => {
    setWidths((w) => ({ ...w, [side]: clamp(px) }))
    saveChoice(side, String(clamp(px)))
  }
  const style = { '--left': `${widths.left}px`, '--right': `${widths.right}px` } as CSSProperties
  return (
    <div className={css.panes} style={style} data-left={leftOpen} data-right={rightOpen}>
      {left}
      {leftOpen ? <Splitter name="Setup width" width={widths.left} direction={1} onWidth={(px) => set('left', px)} /> : <span className={css.gap} />}
      {middle}
      {rightOpen ? <Splitter name="Settings width" width={widths.right} direction={-1} onWidth={(px) => set('right', px)} /> : <span className={css.gap} />}
      {right}
    </div>
  )
}

interface SplitterProps {
  name: string
  width: number
  /** 1 when moving right widens the pane, -1 when it narrows it. */
  direction: 1 | -1
  onWidth: (px: number) => void
}

function Splitter({ name, width, direction, onWidth }: SplitterProps) {
  const start = useRef<{ x: number; width: number } | null>(null)
  return (
    <div
      className={css.splitter}
      role="separator"
      tabIndex={0}
      aria-label={name}
      aria-orientation="vertical"
      aria-valuemin={bounds.min}
      aria-valuemax={bounds.max}
      aria-valuenow={width}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId)
        start.current = { x: e.clientX, width }
      }}
      onPointerMove={(e) => start.current && onWidth(start.current.width + direction * (e.clientX - start.current.x))}
      onPointerUp={() => {
        start.current = null
      }}
      onKeyDown={(e) => {
        if (e.key === 'ArrowRight') onWidth(width + direction * 16)
        if (e.key === 'ArrowLeft') onWidth(width - direction * 16)
        if (e.key === 'Home') onWidth(bounds.min)
        if (e.key === 'End') onWidth(bounds.max)
      }}
    />
  )
}
