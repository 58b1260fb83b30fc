// After the event: who is let in no more still reads the chats that the browser keeps.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { accessible, answered, answers, launch, log, send, signedIn, signIn } from './browser.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

/** A chat is had, and then the event is over and the page opened again. */
async function over(t, options) {
  const opened = await signedIn(t, browser, options)
  await send(opened.page, 'hello')
  await answered(opened.page)
  await opened.page.waitForTimeout(600)
  opened.mock.state.over = true
  await opened.page.reload()
  await opened.page.getByText('The event has ended.').waitFor()
  return opened
}

test('after the end the chats are read and exported, and nothing is sent or changed', async (t) => {
  const { page, mock, faults } = await over(t)
  await page.getByText('A chat of yours is still in this browser.').waitFor()
  await page.getByRole('button', { name: 'Read your chats' }).click()
  await answers(page).getByText('Hello! Ask me anything').waitFor()
  await page.getByRole('heading', { name: 'Oslo AI Workshop' }).waitFor()
  await page.getByText('kari@example.com').waitFor()
  assert.deepEqual(await page.getByLabel('Chat', { exact: true }).locator('option').allTextContents(), ['hello'])
  assert.equal(await page.getByText(/^Ends /).count(), 0, 'nothing is said of an end that was put forward since')
  assert.equal(await page.getByLabel('Your message').count(), 0)
  for (const name of ['Regenerate', 'Delete the answer', 'Edit and send again']) assert.equal(await page.getByRole('button', { name }).isDisabled(), true, name)
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click()])
  const saved = JSON.parse(await readFile(await file.path(), 'utf8'))
  assert.deepEqual([saved.turns.map((x) => x.role), saved.settings.model], [['user', 'assistant'], 'gpt-4o'])
  const asked = mock.state.calls.length
  await page.waitForTimeout(500)
  assert.equal(mock.state.calls.length, asked, 'reading asks the gateway nothing')
  await page.getByRole('button', { name: 'Back to sign-in' }).click()
  await page.reload()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  assert.equal(await page.getByText('The event has ended.').count(), 0, 'leaving forgets the key')
  await signIn(page, 'GOOD-code')
  await page.getByRole('button', { name: 'Read your chats' }).waitFor()
  assert.deepEqual(faults, [])
})

test('another key of the same browser reads none of them', async (t) => {
  const { page } = await over(t)
  await page.evaluate(() => sessionStorage.clear())
  await page.reload()
  await signIn(page, 'oslo2026/kari')
  await page.getByText('The event has ended.').waitFor()
  await page.waitForTimeout(300)
  assert.equal(await page.getByRole('button', { name: 'Read your chats' }).count(), 0)
})

test('who had no chat is promised none', async (t) => {
  const { page, mock } = await signedIn(t, browser)
  mock.state.over = true
  await page.reload()
  await page.getByText('The event has ended.').waitFor()
  await page.waitForTimeout(300)
  assert.equal(await page.getByText(/chats? of yours|Your chats/).count(), 0)
})

test('a chat that ended with a refusal or an open tool call is read as it is', async (t) => {
  const { page, mock } = await signedIn(t, browser)
  await send(page, 'filtered')
  await log(page).getByText('Reason: Hate').waitFor()
  await send(page, 'tools')
  await answered(page)
  await page.waitForTimeout(600)
  mock.state.over = true
  await page.reload()
  await page.getByRole('button', { name: 'Read your chats' }).click()
  await log(page).getByText('Reason: Hate').waitFor()
  await answers(page).getByText('get_weather').first().waitFor()
  assert.equal(await page.getByRole('button', { name: /Dismiss the error|Send the result|Try again/ }).count(), 0)
})

test('once the event has ended, nothing is said of what would be sent', async (t) => {
  const { page, mock } = await signedIn(t, browser)
  await page.getByText(/About \d+ tokens will be sent/).waitFor()
  mock.state.over = true
  await send(page, 'hello')
  await page.getByText('Nothing more can be sent').waitFor()
  assert.equal(await page.locator('#composer-hint').textContent(), 'The event has ended. ')
  assert.equal(await page.getByLabel('Your message').isEditable(), false, 'nothing more is written')
})

for (const colorScheme of ['light', 'dark']) {
  test(`reading is accessible, ${colorScheme}, and fits a phone`, async (t) => {
    const { page } = await over(t, { colorScheme })
    await page.getByRole('button', { name: 'Read your chats' }).waitFor()
    await accessible(page, 'the offer')
    await page.getByRole('button', { name: 'Read your chats' }).click()
    await answers(page).getByText('Hello!').waitFor()
    await accessible(page, 'reading')
    await page.setViewportSize({ width: 390, height: 844 })
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390)
  })
}
