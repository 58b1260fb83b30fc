/** Figures as the whole page writes them: in the person's own way, grouped. */

/** A count, or part of one where `digits` allow: `12,300`. */
export function figure(n: number, digits = 2): string {
  return n.toLocaleString(undefined, { maximumFractionDigits: digits })
}

/** A count in few characters, for where there is no room: `12K`. */
export function shortFigure(n: number): string {
  return n.toLocaleString(undefined, { notation: 'compact', maximumFractionDigits: 1 })
}
