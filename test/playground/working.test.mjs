// Working for hours: nothing that was typed or answered is lost, whatever happens to the page.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { answered, answers, launch, send, signedIn } from './browser.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

/** How often each moment of a reload is tried; the measure is REPEAT=20. */
const times = Number(process.env.REPEAT ?? 3)
const you = (page) => page.getByRole('article', { name: 'You' })

test('a page that is loaded anew at any moment has the chat as it was', async (t) => {
  const { page } = await signedIn(t, browser)
  const lost = []
  for (const wait of [0, 50, 250]) {
    for (let i = 0; i < times; i++) {
      await page.getByRole('button', { name: 'New chat' }).click()
      await send(page, `after ${wait} ms, ${i}`)
      await answered(page)
      await page.waitForTimeout(wait)
      await page.reload()
      await page.getByLabel('Your message').waitFor()
      const there = await you(page).getByText(`after ${wait} ms, ${i}`).waitFor({ timeout: 3000 }).then(() => true, () => false)
      if (!there || !/I will try to help/.test(await answers(page).last().textContent())) lost.push(`${wait} ms, ${i}`)
    }
  }
  for (let i = 0; i < times; i++) {
    await page.getByRole('button', { name: 'New chat' }).click()
    await send(page, `slow ${i}`)
    await answers(page).getByText(`word${i % 5}`).waitFor()
    const seen = (await answers(page).textContent()).match(/word\d+/g).at(-1)
    await page.reload()
    const there = await you(page).getByText(`slow ${i}`).waitFor({ timeout: 3000 }).then(() => true, () => false)
    if (!there || !(await answers(page).textContent()).includes(seen)) lost.push(`in mid-stream, ${i}`)
    else await page.getByText('The answer broke off here').waitFor()
  }
  assert.deepEqual(lost, [], 'chats lost')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('button', { name: 'Stop' }).click()
  assert.equal(await answers(page).count(), 1, 'the broken answer is replaced')
})

test('a tab that is closed in mid-stream leaves what had come, and the box what was typed', async (t) => {
  const { page, mock } = await signedIn(t, browser)
  await page.evaluate(() => localStorage.setItem('tallygate.key', 'good-code'))
  await send(page, 'slow closing')
  await answers(page).getByText('word3').waitFor()
  await page.getByLabel('Your message').fill('half a thou')
  const other = await page.context().newPage()
  await page.close({ runBeforeUnload: true })
  await other.goto(mock.url)
  await other.getByText('The answer broke off here').waitFor()
  assert.match(await answers(other).textContent(), /word3/)
  assert.equal(await other.getByLabel('Your message').inputValue(), 'half a thou')
})

test('two tabs of one person have the same chats, and delete for both', async (t) => {
  const { page, mock } = await signedIn(t, browser)
  await page.evaluate(() => localStorage.setItem('tallygate.key', 'good-code'))
  await send(page, 'from the first')
  await answered(page)
  const other = await page.context().newPage()
  await other.goto(mock.url)
  await you(other).getByText('from the first').waitFor()
  await send(other, 'from the second')
  await answered(other)
  await you(page).getByText('from the second').waitFor()
  await page.reload()
  await you(page).getByText('from the second').waitFor()
  await page.getByRole('button', { name: 'More about this chat' }).click()
  await page.getByRole('menuitem', { name: 'Delete this chat' }).click()
  await you(other).getByText('from the first').waitFor({ state: 'detached' })
})

test('a browser that keeps nothing says so once, and the page works', async (t) => {
  const { page, faults } = await signedIn(t, browser)
  await page.addInitScript(() => Object.defineProperty(window, 'indexedDB', { get: () => { throw new DOMException('no', 'SecurityError') } }))
  await page.reload()
  await page.getByText('does not let this page keep your chats').waitFor()
  await page.getByRole('button', { name: 'Dismiss' }).click()
  await send(page, 'hello')
  await answered(page)
  assert.equal(await page.getByText('does not let this page keep').count(), 0)
  assert.deepEqual(faults, [])
})

test('a browser without room says so once', async (t) => {
  const { page } = await signedIn(t, browser)
  await page.evaluate(() => {
    IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError') }
    Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }
  })
  await send(page, 'hello')
  await page.getByText('has no room left for your chats').waitFor()
  await answered(page)
  await answers(page).getByText('I will try to help').waitFor()
})

test('the message box is a key away, Escape stops, and the header tells what is left', async (t) => {
  const { page, faults } = await signedIn(t, browser)
  const box = page.getByLabel('Your message')
  const focused = () => box.evaluate((el) => el === document.activeElement)
  await page.evaluate(() => document.activeElement?.blur())
  await page.keyboard.press('/')
  assert.ok(await focused(), '/ leads there')
  await page.keyboard.press('/')
  assert.equal(await box.inputValue(), '/', 'and is a character within')
  await page.getByRole('button', { name: 'Sign out' }).focus()
  await page.keyboard.press('Control+k')
  assert.ok(await focused(), 'so does Ctrl-K')
  const skip = page.getByRole('link', { name: 'Skip to the message box' })
  await skip.focus()
  await page.keyboard.press('Enter')
  assert.ok(await focused(), 'and the link before all else')
  await send(page, 'slow')
  await answers(page).getByText('word3').waitFor()
  await page.keyboard.press('Escape')
  await page.getByText('Stopped by you').waitFor()
  await page.getByRole('button', { name: '41,250 of 200,000 tokens left: tokens in the event' }).click()
  await page.getByLabel('What is left', { exact: true }).last().getByText('463 of 500').waitFor()
  assert.deepEqual(faults, [])
})
