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

/** What a thumb would miss. A slider's line is dragged, and its number stands beside it; an (i) takes taps around it. */
const small = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('button, [role=tab], [role=menuitem], a[href]:not([class*=skip]), select, input:not([hidden]):not([type=checkbox]):not([type=range]), textarea')]
      .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest('[data-tabster-dummy], [class*=markdown], [class*=eventLine], [aria-hidden=true], [aria-label^="About "]'))
      .map((e) => ({ name: e.getAttribute('aria-label') || e.textContent.slice(0, 30) || e.tagName, ...(e.closest('.fui-SearchBox, .fui-Input') ?? e).getBoundingClientRect().toJSON() }))
      .filter((b) => b.height < 43.5 || (b.width > 0 && b.width < 43.5))
      .map((b) => `${b.name}: ${Math.round(b.width)} × ${Math.round(b.height)}`),
  )

const still = (page) => page.evaluate(() => Promise.all(document.getAnimations().filter((a) => a.effect?.getTiming().iterations !== Infinity).map((a) => a.finished.catch(() => undefined))))

test('whatever is tapped is 44 px high, and 44 px wide', async (t) => {
  for (const colorScheme of ['light', 'dark']) {
    const { page } = await signedIn(t, browser, { ...phone, colorScheme })
    await send(page, 'Why is the sky blue?')
    await answered(page)
    await answers(page).locator('.hljs-keyword').first().waitFor()
    assert.deepEqual(await small(page), [], 'in the chat')
    await page.getByRole('button', { name: 'Chats', exact: true }).click()
    await page.getByLabel('Search chats').waitFor()
    await still(page)
    assert.deepEqual(await small(page), [], 'in the list')
    await accessible(page, 'the sheet')
  }
})

test('a thumb also hits what is in the sheet, in the menu, in the other tabs and beside another model', async (t) => {
  const { page } = await signedIn(t, browser, phone)
  await send(page, 'before')
  await answered(page)
  const missed = {}
  const look = async (where) => {
    await still(page)
    const found = await small(page)
    if (found.length > 0) missed[where] = found
    await accessible(page, where)
  }
  await page.getByRole('button', { name: 'Chats', exact: true }).click()
  for (const side of ['Setup', 'Configuration']) {
    await page.getByRole('dialog').getByRole('tab', { name: side }).click()
    await look(side)
  }
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  for (const name of ['Images', 'Completions', 'Embeddings', 'Audio']) {
    await page.getByRole('tab', { name }).click()
    await page.getByRole('heading', { name }).waitFor()
    await look(name)
  }
  await page.getByRole('tab', { name: 'Chat' }).click()
  await page.getByRole('button', { name: 'More about this chat' }).click()
  await page.getByRole('menuitem', { name: 'Export' }).waitFor()
  await look('the menu')
  await page.getByRole('menuitem', { name: 'Compare two models' }).click()
  await page.getByRole('heading', { name: 'Two models, one prompt' }).waitFor()
  await look('the comparison')
  assert.deepEqual(missed, {})
})

test('on a tablet two models stand beside each other', async (t) => {
  const { page } = await signedIn(t, browser, { viewport: { width: 768, height: 1024 }, hasTouch: true })
  await send(page, 'before')
  await answered(page)
  await page.getByRole('button', { name: 'More about this chat' }).click()
  await page.getByRole('menuitem', { name: 'Compare two models' }).click()
  for (const name of ['gpt-4o', 'o4-mini']) {
    const box = await page.getByRole('region', { name, exact: true }).boundingBox()
    assert.ok(box.x >= 0 && box.x + box.width <= 769, `${name} from ${box.x} to ${box.x + box.width}`)
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

test('a chat that was deleted in the sheet comes back there', async (t) => {
  const { page } = await signedIn(t, browser, phone)
  await send(page, 'one')
  await answered(page)
  await page.getByRole('button', { name: 'Chats', exact: true }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('button', { name: 'More about one' }).click()
  await page.getByRole('menuitem', { name: 'Delete', exact: true }).click()
  await sheet.getByRole('button', { name: 'Undo' }).click()
  await sheet.getByRole('button', { name: 'one', exact: true }).waitFor()
  await sheet.getByRole('button', { name: 'Undo' }).waitFor({ state: 'detached' })
})

test('the page can be installed, and keeps nothing that a key opens', async (t) => {
  const { page, mock } = await signedIn(t, browser, phone)
  const manifest = await (await fetch(new URL('manifest.webmanifest', mock.url))).json()
  assert.equal(manifest.display, 'standalone')
  for (const icon of manifest.icons) assert.equal((await fetch(new URL(icon.src, mock.url))).status, 200, icon.src)
  assert.equal(await page.evaluate(async () => (await navigator.serviceWorker?.getRegistrations())?.length ?? 0), 0)
  assert.deepEqual(await page.evaluate(async () => (window.caches ? await caches.keys() : [])), [])
})
