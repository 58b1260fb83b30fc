let found: string | undefined

/**
 * The ticket that the page was opened with, behind the #, from another device. It is taken
 * out of the address at once, so that it stands in no history.
 */
export function ticketOfAddress(): string {
  if (found === undefined) {
    found = new URLSearchParams(location.hash.slice(1)).get('ticket') ?? ''
    if (found !== '') history.replaceState(null, '', location.pathname)
    // Opened where the page is open already, the address changes and nothing is loaded.
    addEventListener('hashchange', () => location.hash.startsWith('#ticket=') && location.reload())
  }
  return found
}
