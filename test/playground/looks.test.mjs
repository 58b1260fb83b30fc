// How the page looks and feels: accessible in every view, dark and light, on a phone,
// by keyboard alone, and smooth under a very long answer. With PICTURES=1 it writes the docs'
// pictures.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { accessible, answered, answers, launch, log, picture, send, signedIn } from './browser.mjs'
import { longAnswer } from './answers.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

async function conversation(page) {
  await send(page, 'Why is the sky blue?')
  await answered(page)
  await answers(page).locator('.hljs-keyword').first().waitFor()
}

for (const colorScheme of ['light', 'dark']) {
  test(`the chat is accessible with everything open, ${colorScheme}`, async (t) => {
    const { page, faults } = await signedIn(t, browser, { colorScheme })
    await accessible(page, 'an empty chat')
    await page.getByRole('button', { name: 'Examples' }).click()
    await page.getByRole('button', { name: 'Add an example' }).click()
    await page.getByRole('button', { name: 'Tools', exact: true }).click()
    await page.getByRole('tab', { name: 'JSON' }).click()
    await page.getByLabel('Tools (JSON)').fill('[{}]')
    await page.getByLabel('Stop sequences').fill('END')
    await page.getByLabel('Stop sequences').press('Enter')
    await conversation(page)
    await send(page, 'filtered')
    await log(page).getByText('Reason: Hate').waitFor()
    await page.getByRole('button', { name: /242 tokens/ }).click()
    await page.getByRole('button', { name: 'Show JSON' }).click()
    await page.getByRole('article', { name: 'You' }).first().hover()
    await accessible(page, `everything, ${colorScheme}`)
    assert.deepEqual(faults, [])
  })

  test(`tools, dialogs and menus are accessible, ${colorScheme}`, async (t) => {
    const { page, faults } = await signedIn(t, browser, { colorScheme })
    await send(page, 'tools')
    await page.getByRole('textbox', { name: 'Result of get_weather' }).waitFor()
    await accessible(page, 'tool results')
    await page.getByRole('button', { name: 'View code' }).click()
    const dialog = page.getByRole('dialog', { name: 'View code' })
    await dialog.waitFor()
    for (const name of ['curl', 'Python', 'C#']) {
      await dialog.getByRole('tab', { name }).click()
      await accessible(page, `code in ${name}`)
    }
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'About Temperature' }).click()
    await accessible(page, 'a hint')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'More about this chat' }).click()
    await page.getByRole('menuitem', { name: 'Rename' }).waitFor()
    await accessible(page, 'a menu')
    await page.getByRole('menuitem', { name: 'Delete all chats' }).click()
    await page.getByRole('alertdialog').or(page.getByRole('dialog')).first().waitFor()
    await accessible(page, 'a question')
    assert.deepEqual(faults, [])
  })

  test(`the other tabs work and are accessible, ${colorScheme}`, async (t) => {
    const { page, faults, mock } = await signedIn(t, browser, { colorScheme })
    await page.getByRole('tab', { name: 'Images' }).click()
    await page.getByLabel('Prompt').fill('A lighthouse')
    await page.getByRole('spinbutton', { name: 'Number of pictures, number' }).fill('2')
    await page.getByRole('button', { name: 'Generate' }).click()
    await page.getByText('Revised: A lighthouse, in soft light').first().waitFor()
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).first().click()])
    assert.equal(file.suggestedFilename(), 'picture.png')
    await accessible(page, 'images')
    await page.getByRole('tab', { name: 'Completions' }).click()
    await page.getByLabel('Prompt').fill('Once')
    await page.getByRole('button', { name: 'Generate' }).click()
    await page.getByText('Once there was a gate.').waitFor()
    await accessible(page, 'completions')
    await page.getByRole('tab', { name: 'Embeddings' }).click()
    await page.getByRole('textbox', { name: 'Text 1' }).fill('same')
    await page.getByRole('textbox', { name: 'Text 2' }).fill('same')
    await page.getByRole('button', { name: 'Embed', exact: true }).click()
    await page.getByRole('heading', { name: 'Cosine similarity' }).waitFor()
    assert.deepEqual(await page.getByRole('cell').allTextContents(), ['1.000', '1.000', '1.000', '1.000'])
    await accessible(page, 'embeddings')
    await page.getByRole('tab', { name: 'Audio' }).click()
    await page.getByRole('button', { name: 'Speak' }).waitFor()
    await accessible(page, 'audio')
    const paths = mock.state.calls.map((c) => c.path)
    for (const p of ['/openai/v1/images/generations', '/openai/v1/completions', '/openai/v1/embeddings']) assert.ok(paths.includes(p), p)
    assert.deepEqual(faults, [])
  })
}

test('the theme follows the system, or what is chosen, also after a reload', async (t) => {
  const { page } = await signedIn(t, browser, { colorScheme: 'dark' })
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme)
  assert.equal(await theme(), 'dark')
  await page.emulateMedia({ colorScheme: 'light' })
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'light')
  await page.getByRole('button', { name: 'Theme' }).click()
  await page.getByRole('menuitemradio', { name: 'Dark' }).click()
  assert.equal(await theme(), 'dark')
  await page.reload()
  await page.getByLabel('Your message').waitFor()
  assert.equal(await theme(), 'dark')
})

test('at 390 px everything is stacked, reachable and nothing is wider than the screen', async (t) => {
  const { page, faults } = await signedIn(t, browser, phone)
  await conversation(page)
  await log(page).evaluate((e) => e.scrollTo(0, 0))
  await page.waitForTimeout(200)
  await picture(page, 'playground-phone')
  const width = () => page.evaluate(() => Math.max(document.documentElement.scrollWidth, ...[...document.querySelectorAll('section, header')].map((e) => Math.ceil(e.getBoundingClientRect().right))))
  assert.ok((await width()) <= 390, `closed: ${await width()} px`)
  await page.getByRole('button', { name: 'Setup and configuration' }).click()
  await page.getByRole('tab', { name: 'Setup' }).click()
  await page.getByRole('textbox', { name: 'System message' }).waitFor()
  await page.getByRole('tab', { name: 'Configuration' }).click()
  await page.getByRole('slider', { name: 'Temperature' }).scrollIntoViewIfNeeded()
  assert.ok((await width()) <= 390, `open: ${await width()} px`)
  await accessible(page, 'phone')
  await page.getByRole('button', { name: 'Close' }).click()
  for (const name of ['Images', 'Embeddings']) {
    await page.getByRole('tab', { name }).click()
    await page.getByRole('heading', { name: 'Result' }).waitFor()
    assert.ok((await width()) <= 390, `${name}: ${await width()} px`)
  }
  assert.deepEqual(faults, [])
})

test('panes fold away and are resized by mouse and keyboard, and stay so', async (t) => {
  const { page } = await signedIn(t, browser)
  const width = async (name) => Math.round((await page.getByRole('region', { name, exact: true }).boundingBox()).width)
  const before = await width('Setup')
  const splitter = page.getByRole('separator', { name: 'Setup width' })
  await splitter.press('ArrowRight')
  assert.equal(await width('Setup'), before + 16)
  const box = await splitter.boundingBox()
  await page.mouse.move(box.x + 6, box.y + 300)
  await page.mouse.down()
  await page.mouse.move(box.x + 66, box.y + 300, { steps: 4 })
  await page.mouse.up()
  assert.equal(await width('Setup'), before + 76)
  await page.reload()
  await page.getByLabel('Your message').waitFor()
  assert.equal(await width('Setup'), before + 76)
  await page.getByRole('button', { name: 'Hide setup' }).press('Enter')
  assert.ok((await width('Setup')) < 60)
  await page.getByRole('button', { name: 'Show setup' }).press('Enter')
  assert.equal(await width('Setup'), before + 76)
})

test('a chat is had with the keyboard alone, and dialogs give the focus back', async (t) => {
  const { page } = await signedIn(t, browser)
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent)
  for (let i = 0; i < 60 && (await focused()) !== 'Your message'; i++) await page.keyboard.press('Tab')
  assert.equal(await focused(), 'Your message')
  await page.keyboard.type('hello')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.type('again')
  await page.keyboard.press('Enter')
  await answers(page).getByText('Hello!').waitFor()
  await answered(page)
  assert.equal(await focused(), 'Your message', 'the focus stays where the next message goes')
  const code = page.getByRole('button', { name: 'View code' })
  await code.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'View code' }).waitFor()
  for (let i = 0; i < 12; i++) await page.keyboard.press('Tab')
  assert.ok(await page.evaluate(() => document.activeElement.closest('[role=dialog]') !== null || document.activeElement === document.body), 'the focus stays within the dialog')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'View code')
})

test('an answer of 100 KB stays smooth while it comes and when it is opened again', async (t) => {
  const { page, faults } = await signedIn(t, browser)
  await page.evaluate(() => {
    window.tasks = []
    new PerformanceObserver((l) => window.tasks.push(...l.getEntries().map((e) => Math.round(e.duration)))).observe({ type: 'longtask', buffered: false })
  })
  const begun = Date.now()
  await send(page, 'long')
  await answers(page).getByRole('heading', { name: 'Part 5', exact: true }).waitFor()
  // The page listens while the answer comes.
  const typing = Date.now()
  await page.getByLabel('Your message').fill('typed meanwhile')
  const typed = Date.now() - typing
  await answered(page)
  const tasks = await page.evaluate(() => window.tasks)
  const long = tasks.filter((d) => d > 200)
  t.diagnostic(`${Date.now() - begun} ms in all, ${tasks.length} tasks over 50 ms, longest ${Math.max(0, ...tasks)} ms, typing took ${typed} ms`)
  assert.ok(long.length <= 1 && Math.max(0, ...tasks) < 500, `tasks that halt the page: ${long}`)
  assert.ok(typed < 1000, `typing took ${typed} ms`)
  const parts = longAnswer.match(/^## Part/gm).length
  await page.getByRole('heading', { name: `Part ${parts}`, exact: true }).waitFor({ timeout: 60_000 })
  await page.waitForTimeout(600)
  await page.reload()
  await page.getByRole('heading', { name: `Part ${parts}`, exact: true }).waitFor({ timeout: 60_000 })
  assert.deepEqual(faults, [])
})

for (const colorScheme of ['light', 'dark']) {
  test(`the docs have a picture, ${colorScheme}`, async (t) => {
    const { page } = await signedIn(t, browser, { colorScheme, viewport: { width: 1440, height: 1000 } })
    await conversation(page)
    await page.getByRole('button', { name: /242 tokens/ }).click()
    await log(page).evaluate((e) => e.scrollTo(0, 0))
    await page.mouse.move(720, 880)
    await page.waitForTimeout(200)
    await picture(page, `playground-${colorScheme}`)
  })
}
