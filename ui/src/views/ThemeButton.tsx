import { Button, Menu, MenuItemRadio, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components'
import { DarkThemeRegular } from '@fluentui/react-icons'
import type { Choice, useTheme } from '../theme'

/** Chooses between light, dark and what the system says. */
export function ThemeButton({ theme }: { theme: ReturnType<typeof useTheme> }) {
  return (
    <Menu checkedValues={{ theme: [theme.choice] }} onCheckedValueChange={(_, d) => theme.choose((d.checkedItems[0] ?? 'system') as Choice)}>
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="subtle" icon={<DarkThemeRegular />} aria-label="Theme" title="Theme" />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuItemRadio name="theme" value="system">Like the system</MenuItemRadio>
          <MenuItemRadio name="theme" value="light">Light</MenuItemRadio>
          <MenuItemRadio name="theme" value="dark">Dark</MenuItemRadio>
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}
