import { expect, it } from 'vitest'
import { label } from './past'

it('a key has one label however it is spelt, and others have others', () => {
  expect(label(' Oslo2026/Kari ')).toBe(label('oslo2026/kari'))
  expect(new Set(['oslo2026', 'oslo2027', 'oslo2026/kari', '', 'ø'].map(label)).size).toBe(5)
  expect(label('oslo2026')).toMatch(/^[0-9a-f]{8}$/)
})
