// Reading: formulas, tables, notes, other directions, and what is very long or hostile.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { accessible, answered, answers, launch, send, signedIn } from './browser.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

/** Lets the model say a text and returns the answer's article. */
async function said(page, text) {
  await send(page, `echo ${text}`)
  await answered(page)
  return answers(page).last()
}

test('formulas are typeset in all four delimiters, and prices and code are not', async (t) => {
  const { page, faults } = await signedIn(t, browser)
  const answer = await said(page, 'Inline \\(a^2+b^2=c^2\\) and $x_1$, then\n\n\\[\n\\int_0^1 \\frac{x}{2}\\,dx\n\\]\n\n$$\\sum_{i=1}^n i$$\n\nfrom $5 to $10, `$y$`.\n\n| f | g |\n|---|---|\n| $|x|$ | \\(\\sqrt{2}\\) |')
  await answer.locator('.katex').nth(5).waitFor()
  assert.equal(await answer.locator('.katex').count(), 6)
  assert.equal(await answer.locator('.katex-display').count(), 2)
  assert.match(await answer.textContent(), /from \$5 to \$10, \$y\$/)
  assert.ok((await answer.locator('.katex-display').first().boundingBox()).height > 35, 'a fraction is set in two rows')
  await accessible(page, 'an answer with formulas')
  assert.deepEqual(faults, [])
})

test('a formula that is broken or hostile stands as it was written', async (t) => {
  const { page, faults } = await signedIn(t, browser)
  const bomb = '\\def\\a{xx}\\def\\b{\\a\\a\\a\\a\\a\\a\\a\\a}\\def\\c{\\b\\b\\b\\b\\b\\b\\b\\b}\\c\\c\\c\\c\\c\\c\\c\\c'
  const answer = await said(page, `One $\\frac{1$, two $\\href{javascript:alert(1)}{x}$, three $\\includegraphics{https://spy.example.com/a.png}$, four $${bomb}$, five $\\rule{9999em}{9999em}$, six $y$`)
  await answer.locator('.katex').last().waitFor()
  assert.match(await answer.textContent(), /One \$\\frac\{1\$/)
  assert.equal(await answer.locator('a, img').count(), 0)
  assert.match(await answer.textContent(), /\\def\\a/)
  assert.ok((await answer.boundingBox()).width <= 1440)
  assert.deepEqual(faults, [])
})

test('a formula that comes piece by piece never shows half its backslashes', async (t) => {
  const { page } = await signedIn(t, browser)
  await send(page, `echo Now \\[ ${'a_1 + '.repeat(60)} b \\]`)
  await answers(page).getByText('a_1').waitFor()
  assert.match(await answers(page).textContent(), /\\\[ a_1/)
  await answered(page)
  await answers(page).locator('.katex-display').waitFor()
})

test('cells do not break within a word, and a wide table scrolls by itself', async (t) => {
  const { page } = await signedIn(t, browser, { viewport: { width: 390, height: 844 } })
  const head = `| ${Array.from({ length: 12 }, (_, i) => `Column${i}`).join(' | ')} |`
  const answer = await said(page, `| a | Name | Value |\n|---|---|---|\n| 1 | Name | 1.0/0 |\n\n${head}\n|${'---|'.repeat(12)}\n${head}`)
  for (const cell of ['Name', '1.0/0']) {
    const box = await answer.getByRole('cell', { name: cell, exact: true }).first().boundingBox()
    assert.ok(box.height < 45, `${cell} stands on one line: ${box.height}`)
  }
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page does not scroll sideways')
  assert.ok(await answer.getByRole('group', { name: 'Table' }).last().evaluate((e) => e.scrollWidth > e.clientWidth))
})

test('Arabic and Hebrew run from the right, each paragraph by itself', async (t) => {
  const { page } = await signedIn(t, browser)
  const answer = await said(page, 'مرحبا بالعالم\n\nHello\n\n- שלום עולם\n- list')
  await answer.locator('li').nth(1).waitFor()
  const directions = await answer.evaluate((e) => [...e.querySelectorAll('p, li')].map((n) => getComputedStyle(n).direction))
  assert.deepEqual(directions.slice(0, 4), ['rtl', 'ltr', 'rtl', 'ltr'])
  assert.equal(await answer.locator('p').first().evaluate((e) => getComputedStyle(e).textAlign), 'start')
})

test('footnotes are numbers that lead to their notes, and task lists keep their boxes', async (t) => {
  const { page, faults } = await signedIn(t, browser)
  const answer = await said(page, `One[^b] and two[^a].\n\n${'Words in between. '.repeat(60)}\n\n- [x] done\n- [ ] open\n\n[^a]: Second note.\n\n[^b]: First note.`)
  await answer.getByRole('button', { name: 'Footnote 1' }).click()
  assert.equal(await page.evaluate(() => document.activeElement.parentElement.textContent), '1. First note.')
  assert.equal(await answer.getByRole('heading').count(), 0)
  assert.equal(await answer.getByRole('checkbox').count(), 2)
  assert.deepEqual(faults, [])
})

test('copying an answer gives its Markdown, a part of it its formulas as TeX', async (t) => {
  const { page } = await signedIn(t, browser, { permissions: ['clipboard-read', 'clipboard-write'] })
  const text = '**Bold** and \\(x^2\\).\n\n- item'
  const answer = await said(page, text)
  await answer.locator('.katex').waitFor()
  const copied = async (select) => {
    await answer.locator('[class*=markdown]').first().evaluate(select)
    await page.keyboard.press('Control+C')
    return page.evaluate(() => navigator.clipboard.readText())
  }
  assert.equal(await copied((e) => getSelection().selectAllChildren(e)), text)
  assert.equal(await copied((e) => getSelection().selectAllChildren(e.querySelector('p'))), 'Bold and $x^2$.')
  await answer.getByRole('button', { name: 'Copy the answer' }).click()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text)
})

test('ten thousand blocks of code leave the page alive, and come when asked for', async (t) => {
  const { page, faults } = await signedIn(t, browser)
  await send(page, 'fences')
  await answered(page)
  await answers(page).getByText('Number 9999:').waitFor({ timeout: 60_000 })
  const typing = Date.now()
  await page.getByLabel('Your message').fill('typed after')
  const took = Date.now() - typing
  t.diagnostic(`typing took ${took} ms, ${await answers(page).locator('pre').count()} blocks are drawn`)
  assert.ok(took < 5000)
  await answers(page).getByRole('button', { name: /Show 19,\d+ parts/ }).waitFor()
  assert.deepEqual(faults, [])
})

test('a deployment of a very long name shrinks instead of leaving its pane', async (t) => {
  const name = 'contoso-research-gpt-4o-swedencentral-production-2024-11-20-provisioned'
  for (const width of [390, 1440]) {
    const { page } = await signedIn(t, browser, { viewport: { width, height: 844 }, mock: { session: { models: [{ name, kind: 'chat', capabilities: ['stream'], context: 1000, max_output: 500, regions: ['swedencentral', 'eastus'] }] } } })
    if (width === 390) await page.getByRole('button', { name: 'Setup and configuration' }).click()
    const field = page.getByLabel('Deployment')
    const pane = await field.evaluate((e) => e.closest('[role=dialog], [class*=pane]').getBoundingClientRect().toJSON())
    const box = await field.boundingBox()
    assert.ok(box.x >= pane.left && box.x + box.width <= pane.right, `${width}: ${JSON.stringify(box)} within ${JSON.stringify(pane)}`)
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width}: the page does not scroll sideways`)
    assert.equal(await field.evaluate((e) => getComputedStyle(e).textOverflow), 'ellipsis')
  }
})
