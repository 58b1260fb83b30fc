// On a phone: what is in reach of a thumb, what a keyboard leaves, and what is installed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { accessible, answered, answers, launch, log, send, signedIn } from './browser.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

test('while a message is typed above the keyboard, the messages have most of the height', async (t) => {
  const { page, faults } = await signedIn(t, browser, phone)
  await send(page, 'Why is the sky blue?')
  await answered(page)
  await page.getByLabel('Your message').tap()
  await page.setViewportSize({ width: 390, height: 470 })
  await page.waitForTimeout(300)
  const messages = await log(page).boundingBox()
  assert.ok(messages.height >= 330, `${messages.height} px of 470 for messages`)
  assert.ok((await page.getByLabel('Your message').boundingBox()).y < 470)
  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByRole('tab', { name: 'Images' }).waitFor()
  assert.deepEqual(faults, [])
})

test('whatever is tapped is 44 px high, and 44 px wide', async (t) => {
  for (const colorScheme of ['light', 'dark']) {
    const { page } = await signedIn(t, browser, { ...phone, colorScheme })
    await send(page, 'Why is the sky blue?')
    await answered(page)
    await answers(page).locator('.hljs-keyword').first().waitFor()
    const small = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('button, [role=tab], a[href]:not([class*=skip]), select, input:not([hidden]):not([type=checkbox]), textarea')]
          .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest('[data-tabster-dummy], [class*=markdown], [class*=eventLine], [aria-hidden=true]'))
          .map((e) => ({ name: e.getAttribute('aria-label') || e.textContent.slice(0, 30) || e.tagName, ...(e.closest('.fui-SearchBox, .fui-Input') ?? e).getBoundingClientRect().toJSON() }))
          .filter((b) => b.height < 43.5 || (b.width > 0 && b.width < 43.5))
          .map((b) => `${b.name}: ${Math.round(b.width)} × ${Math.round(b.height)}`),
      )
    assert.deepEqual(await small(), [], 'in the chat')
    await page.getByRole('button', { name: 'Chats', exact: true }).click()
    await page.getByLabel('Search chats').waitFor()
    await page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished)))
    assert.deepEqual(await small(), [], 'in the list')
    await accessible(page, 'the sheet')
  }
})

test('chats, setup and configuration are in one sheet, which a choice closes', async (t) => {
  const { page } = await signedIn(t, browser, phone)
  await send(page, 'one')
  await answered(page)
  await page.getByRole('button', { name: 'New chat' }).click()
  await page.getByRole('button', { name: 'Chats', exact: true }).click()
  const sheet = page.getByRole('dialog')
  for (const [tab, what] of [['Setup', 'System message'], ['Configuration', 'Deployment'], ['Chats', 'Search chats']]) {
    await sheet.getByRole('tab', { name: tab }).click()
    await sheet.getByLabel(what).last().waitFor()
  }
  await sheet.getByRole('button', { name: 'one', exact: true }).click()
  await sheet.waitFor({ state: 'detached' })
  await log(page).getByText('one').waitFor()
})

test('the page can be installed, and keeps nothing that a key opens', async (t) => {
  const { page, mock } = await signedIn(t, browser, phone)
  const manifest = await (await fetch(new URL('manifest.webmanifest', mock.url))).json()
  assert.equal(manifest.display, 'standalone')
  for (const icon of manifest.icons) assert.equal((await fetch(new URL(icon.src, mock.url))).status, 200, icon.src)
  assert.equal(await page.evaluate(async () => (await navigator.serviceWorker?.getRegistrations())?.length ?? 0), 0)
  assert.deepEqual(await page.evaluate(async () => (window.caches ? await caches.keys() : [])), [])
})
