/** Times as people read them: in their own words, order and zone, with the zone's short name. */

/** Says a time in full: `Thursday, 15 January 2026 at 17:00 CET`. */
export function localTime(d: Date): string {
  return d.toLocaleString(undefined, { weekday: 'long', ...dateParts, ...clockParts })
}

/** Says a time in few words: the clock's alone when it is today. */
export function shortTime(d: Date, now: Date): string {
  const today = d.toDateString() === now.toDateString()
  return d.toLocaleString(undefined, today ? clockParts : { weekday: 'short', day: 'numeric', month: 'short', ...clockParts })
}

const dateParts = { day: 'numeric', month: 'long', year: 'numeric' } as const
const clockParts = { hour: 'numeric', minute: '2-digit', timeZoneName: 'short' } as const

const machineTime = /\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)/g
const zonedTime = /\b(\d{4}-\d\d-\d\d) (\d\d:\d\d) ([A-Z]{2,5}|[+-]\d\d(?:\d\d)?)(?![\w:])/g

/** Puts the times in a text that was made for machines into the visitor's words. */
export function readableTimes(text: string): string {
  return text
    .replace(machineTime, (found) => said(new Date(found), found))
    .replace(zonedTime, (found, day: string, clock: string, zone: string) => {
      if (zone === 'UTC') return said(new Date(`${day}T${clock}Z`), found)
      // What an abbreviation such as CST means depends on where it is said, so it is left as it is.
      const d = new Date(`${day}T${clock}Z`)
      return Number.isNaN(d.getTime()) ? found : `${d.toLocaleDateString(undefined, { ...dateParts, timeZone: 'UTC' })}, ${clock} ${zone}`
    })
}

const said = (d: Date, otherwise: string) => (Number.isNaN(d.getTime()) ? otherwise : localTime(d))
