import { webDarkTheme, webLightTheme, type Theme } from '@fluentui/react-components'
import { useEffect, useState } from 'react'
import { useMedia } from './parts/hooks'
import { loadChoice, saveChoice } from './store/keys'

export type Choice = 'system' | 'light' | 'dark'

const fonts = { fontFamilyBase: "'Segoe UI', 'Segoe UI Web (West European)', -apple-system, BlinkMacSystemFont, Roboto, 'Helvetica Neue', sans-serif" }
const light: Theme = { ...webLightTheme, ...fonts }
const dark: Theme = { ...webDarkTheme, ...fonts }

/** The theme in force, and the person's choice of it. */
export function useTheme() {
  const [choice, setChoice] = useState<Choice>(() => {
    const kept = loadChoice('theme')
    return kept === 'light' || kept === 'dark' ? kept : 'system'
  })
  const systemDark = useMedia('(prefers-color-scheme: dark)')
  const isDark = choice === 'dark' || (choice === 'system' && systemDark)
  useEffect(() => {
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
    document.documentElement.style.colorScheme = isDark ? 'dark' : 'light'
  }, [isDark])
  const choose = (c: Choice) => {
    setChoice(c)
    saveChoice('theme', c)
  }
  return { theme: isDark ? dark : light, choice, choose }
}
