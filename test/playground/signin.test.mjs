// Signing in: the right key, the wrong one, and each reason of an event.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { accessible, launch, open, picture, signedIn, signIn } from './browser.mjs'
import { startMock } from './mock.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

async function page(t, options) {
  const mock = await startMock()
  const opened = await open(browser, mock.url, options)
  t.after(() => opened.close().then(mock.stop))
  return { ...opened, mock }
}

test('a good code shows the event, its end, the models and what is left', async (t) => {
  const { page: p, faults, mock } = await signedIn(t, browser, { key: ' oslo2026/kari ' })
  await p.getByRole('heading', { name: 'Oslo AI Workshop' }).waitFor()
  assert.match(await p.getByRole('banner').textContent(), /Ends .+ left/)
  assert.equal(await p.getByRole('link', { name: 'Workshop notes' }).getAttribute('target'), '_blank')
  assert.deepEqual(await p.getByLabel('Deployment').locator('option').allTextContents(), ['gpt-4o · swedencentral, eastus', 'o4-mini · eastus'])
  await p.getByText('463 of 500').waitFor()
  assert.equal(mock.state.calls[0].key, 'oslo2026/kari', 'the key goes as it was pasted, in the header')
  assert.deepEqual(faults, [])
})

test('tabs are there for what the models can do, and no others', async (t) => {
  const { page: p } = await signedIn(t, browser, { mock: { session: { models: [{ name: 'gpt-4o', kind: 'chat', capabilities: ['stream'] }] } } })
  assert.deepEqual(await p.getByRole('tablist', { name: 'What to try' }).getByRole('tab').allTextContents(), ['Chat'])
})

for (const [key, title, words] of [
  ['nonsense', 'This key or code is not known here.', 'upper and lower case'],
  ['ended', 'The event has ended.', 'Oslo AI Workshop ended on Thursday, 15 January 2026 at 17:00 CET'],
  ['early', 'The event has not started.', 'Oslo AI Workshop opens on Thursday, 1 May 2031 at 10:00 CEST'],
  ['inactive', 'The event is switched off.', 'Ask your host to switch'],
  ['full', 'The event is full.', 'seats are taken'],
]) {
  test(`the code "${key}" is refused with its own reason`, async (t) => {
    const { page: p, faults } = await page(t)
    await signIn(p, key)
    const alert = p.getByText(title)
    await alert.waitFor()
    await p.getByText(words).waitFor()
    assert.equal(await p.getByText(/subscription|Your chats/).count(), 0, "neither Azure's words, nor chats that are not there")
    assert.equal(await p.evaluate(() => sessionStorage.length + Object.keys(localStorage).filter((k) => k.endsWith('.key')).length), 0, 'a refused key is not kept')
    assert.deepEqual(faults, [])
  })
}

test('a key that no header can carry is refused like any other', async (t) => {
  const { page: p } = await page(t)
  await signIn(p, "ø'; % \u200b")
  await p.getByText('This key or code is not known here.').waitFor()
})

test('the key lasts as long as the tab, or longer when asked to, until signing out', async (t) => {
  const { page: p, mock } = await page(t)
  await signIn(p, 'good-code')
  await p.getByLabel('Your message').waitFor()
  await p.reload()
  await p.getByLabel('Your message').waitFor()
  const other = await p.context().newPage()
  await other.goto(mock.url)
  await other.getByRole('button', { name: 'Sign in' }).waitFor()
  await other.getByLabel('Remember me').check()
  await signIn(other, 'good-code')
  await other.getByLabel('Your message').waitFor()
  const third = await p.context().newPage()
  await third.goto(mock.url)
  await third.getByLabel('Your message').waitFor()
  await third.getByRole('button', { name: 'Sign out' }).click()
  await third.reload()
  await third.getByRole('button', { name: 'Sign in' }).waitFor()
})

test('a key that the sign-up page left for the tab needs no signing in', async (t) => {
  const { page: p, mock } = await page(t)
  await p.evaluate(() => sessionStorage.setItem('tallygate.key', 'good-code'))
  await p.goto(mock.url)
  await p.getByLabel('Your message').waitFor()
  assert.equal(await p.evaluate(() => sessionStorage.getItem('tallygate.key')), 'good-code')
})

test('a gateway that is away is told apart from a bad key', async (t) => {
  const { page: p } = await page(t)
  await p.route('**/api/v1/session', (r) => r.abort())
  await signIn(p, 'good-code')
  await p.getByText('The gateway cannot be reached.').waitFor()
})

for (const colorScheme of ['light', 'dark']) {
  test(`signing in is accessible, ${colorScheme}`, async (t) => {
    const { page: p } = await page(t, { colorScheme })
    await p.getByRole('button', { name: 'Sign in' }).waitFor()
    await accessible(p, `sign-in, ${colorScheme}`)
    if (colorScheme === 'light') await picture(p, 'playground-signin')
    await signIn(p, 'nonsense')
    await p.getByText('This key or code is not known here.').waitFor()
    await accessible(p, `refused, ${colorScheme}`)
  })
}
