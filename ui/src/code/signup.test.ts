import { expect, it } from 'vitest'
import { languages } from './languages'
import type { Sample } from './sample'

// The sign-up page shows the same programs, which the gateway fills in: vitest -u writes them anew.
it('the programs of the sign-up page are those of the playground', async () => {
  const sample: Sample = {
    path: '/chat/completions',
    body: { model: 'MODEL', messages: [{ role: 'user', content: 'Say hello.' }] },
    endpoint: 'https://gateway.invalid',
    keyKind: 'personal key',
    sdk: true,
  }
  const programs = languages
    .filter((l) => l.id !== 'json')
    .map((l) => ({ id: l.id, language: l.name, code: l.write(sample), keyed: l.write({ ...sample, key: 'YOUR_KEY' }) }))
  await expect(`${JSON.stringify(programs, null, 2)}\n`).toMatchFileSnapshot('../../../internal/signup/samples.json')
})
