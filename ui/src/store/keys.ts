/**
 * Where the key is kept: in sessionStorage for the tab, or in localStorage for good when
 * the person asks for it. The item `tallygate.key` is the key as it goes into the api-key
 * header, as plain text without quotes; the tab's counts before the other.
 *
 * The sign-up page puts a new key there too, into sessionStorage, before it leads to the
 * playground, which then needs no signing in. So neither name nor form may change alone.
 */
const place = 'tallygate.key'

export function loadKey(): { key: string; remembered: boolean } | null {
  const tab = read(sessionStorageOf())
  if (tab) return { key: tab, remembered: false }
  const kept = read(localStorageOf())
  return kept ? { key: kept, remembered: true } : null
}

export function saveKey(key: string, remember: boolean): void {
  forgetKey()
  write(remember ? localStorageOf() : sessionStorageOf(), key)
}

export function forgetKey(): void {
  for (const s of [sessionStorageOf(), localStorageOf()]) {
    try {
      s?.removeItem(place)
    } catch {
      // Storage that is switched off holds no key.
    }
  }
}

/** Reads a small choice of the person's, such as the theme. */
export function loadChoice(name: string): string {
  try {
    return localStorageOf()?.getItem(`tallygate.${name}`) ?? ''
  } catch {
    return ''
  }
}

export function saveChoice(name: string, value: string): void {
  try {
    localStorageOf()?.setItem(`tallygate.${name}`, value)
  } catch {
    // It lasts as long as the page then.
  }
}

/** Reads what a tab remembers over a reload. */
export function loadOfTab(name: string): string {
  try {
    return sessionStorageOf()?.getItem(`tallygate.${name}`) ?? ''
  } catch {
    return ''
  }
}

export function saveOfTab(name: string, value: string): void {
  try {
    sessionStorageOf()?.setItem(`tallygate.${name}`, value)
  } catch {
    // The tab begins with the newest then.
  }
}

// Reaching for storage that is switched off throws.
function sessionStorageOf(): Storage | null {
  try {
    return window.sessionStorage
  } catch {
    return null
  }
}

function localStorageOf(): Storage | null {
  try {
    return window.localStorage
  } catch {
    return null
  }
}

function read(s: Storage | null): string {
  try {
    return s?.getItem(place) ?? ''
  } catch {
    return ''
  }
}

function write(s: Storage | null, key: string): void {
  try {
    s?.setItem(place, key)
  } catch {
    // The key lasts as long as the page then.
  }
}
