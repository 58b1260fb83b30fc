// The playground before a real gateway: the demo with its simulated models. Where the
// gateway does not serve the page itself, the mock serves it and passes the calls on.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { answered, answers, launch, open, send, signIn, startDemo } from './browser.mjs'
import { startMock } from './mock.mjs'

let browser, demo, mock, url
before(async () => {
  browser = await launch()
  demo = startDemo()
  const gateway = await demo.url
  const page = await fetch(gateway)
  if (page.ok && (page.headers.get('content-type') ?? '').includes('text/html')) url = gateway
  else {
    mock = await startMock({ gateway })
    url = mock.url
  }
})
after(async () => {
  await browser?.close()
  await mock?.stop()
  await demo?.stop()
})

async function opened(t) {
  const o = await open(browser, url)
  t.after(() => o.close())
  return o
}

test('a chat is streamed, with its tokens, deployment and region', async (t) => {
  const { page, faults } = await opened(t)
  await signIn(page, 'tg-demo-key')
  await page.getByLabel('Your message').waitFor()
  assert.ok((await page.getByLabel('Deployment').locator('option').allTextContents()).some((m) => m.startsWith('gpt-4o')))
  await send(page, 'Why is the sky blue?')
  await page.getByRole('button', { name: 'Stop' }).waitFor()
  await answered(page)
  const card = answers(page).getByRole('button', { name: /tokens/ })
  await card.click()
  await answers(page).getByText(/gpt-4o, \w+/).waitFor()
  await answers(page).getByText('Finish reason').waitFor()
  await answers(page).getByText('Hate: safe').first().waitFor()
  assert.deepEqual(faults, [])
})

test('a stopped answer is kept', async (t) => {
  const { page } = await opened(t)
  await signIn(page, 'tg-demo-key')
  await send(page, 'Write a very long story about a gate, with many chapters.')
  await page.waitForFunction(() => document.querySelector('article[aria-busy=true]')?.textContent.length > 20)
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('Stopped by you').waitFor()
})

test('embeddings come from the gateway', async (t) => {
  const { page } = await opened(t)
  await signIn(page, 'tg-demo-key')
  await page.getByRole('tab', { name: 'Embeddings' }).click()
  await page.getByRole('textbox', { name: 'Text 1' }).fill('gate')
  await page.getByRole('textbox', { name: 'Text 2' }).fill('door')
  await page.getByRole('button', { name: 'Embed', exact: true }).click()
  await page.getByText('1,536 dimensions').first().waitFor()
})

test('a wrong key is refused', async (t) => {
  const { page } = await opened(t)
  await signIn(page, 'wrong-key')
  await page.getByText('This key or code is not known here.').waitFor()
})

test('who signed up for the event is called by name, not by a number', async (t) => {
  const { page } = await opened(t)
  const gateway = await demo.url
  const form = new URLSearchParams({ code: 'demo2026', name: 'Ann Berg' })
  const joined = await fetch(`${gateway}event/demo-workshop/signup`, { method: 'POST', body: form, headers: { origin: new URL(gateway).origin }, redirect: 'manual' })
  const cookie = joined.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ')
  const mine = await (await fetch(`${gateway}event/demo-workshop`, { headers: { cookie } })).text()
  const [key] = /tge-[a-z2-7]{40}/.exec(mine) ?? assert.fail(`no key after ${joined.status}`)
  await signIn(page, key)
  await page.getByRole('banner').getByText('Ann Berg').waitFor()
})
