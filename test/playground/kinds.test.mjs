// A model of each kind, before the demo: every tab is there and gives something to see
// or hear.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { accessible, answered, answers, launch, open, send, signIn, startDemo } from './browser.mjs'

let browser, demo, url
before(async () => {
  browser = await launch()
  demo = startDemo()
  url = await demo.url
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

/** The tabs of the header. */
const views = (page) => page.getByRole('tablist', { name: 'What to try' })

/** Opens a tab as somebody who has the demo's code. */
async function tab(t, name, options) {
  const o = await open(browser, url, options)
  t.after(() => o.close())
  await signIn(o.page, 'demo2026/Ann')
  await views(o.page).getByRole('tab', { name }).click()
  return o
}

test('a tab is there for each kind of model', async (t) => {
  const { page } = await tab(t, 'Chat')
  for (const name of ['Chat', 'Images', 'Completions', 'Embeddings', 'Audio']) await views(page).getByRole('tab', { name }).waitFor()
  assert.equal(await views(page).getByRole('tab').count(), 5)
})

test('pictures follow from their prompt, in the number and size that were asked for', async (t) => {
  const { page, faults } = await tab(t, 'Images')
  await page.getByRole('textbox', { name: 'Prompt' }).fill('A lighthouse by the sea at night')
  await page.getByLabel('Size').selectOption('1536x1024')
  await page.getByRole('spinbutton', { name: 'Number of pictures' }).fill('2')
  await page.getByRole('button', { name: 'Generate' }).click()
  const pictures = page.locator('figure img')
  await pictures.nth(1).waitFor()
  const shown = await pictures.evaluateAll((all) => Promise.all(all.map(async (img) => (await img.decode(), [img.naturalWidth, img.naturalHeight, img.src.length]))))
  assert.deepEqual(shown.map((s) => s.slice(0, 2)), [[1536, 1024], [1536, 1024]])
  assert.notEqual(shown[0][2], shown[1][2], 'two pictures are not one')
  const [one, two] = await pictures.evaluateAll((all) => all.map((img) => img.getBoundingClientRect().toJSON()))
  assert.ok(one.y === two.y && one.x !== two.x, 'they stand in a row')
  assert.ok(Math.abs(one.width - one.height) < 1, `whatever its shape, a picture has a square: ${one.width} × ${one.height}`)
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).first().click()])
  assert.match(download.suggestedFilename(), /\.png$/)
  await accessible(page, 'pictures')
  assert.deepEqual(faults, [])
})

test('speech plays, as long as its text, and is heard again', async (t) => {
  const { page, faults } = await tab(t, 'Audio')
  for (const [format, seconds] of [['mp3', 8], ['wav', 8]]) {
    await page.getByLabel('Text', { exact: true }).fill('fifteen letters'.repeat(8))
    await page.getByLabel('Format').selectOption(format)
    await page.getByRole('button', { name: 'Speak' }).click()
    const link = page.getByRole('link', { name: `Download speech.${format}` })
    await link.waitFor()
    const length = await page.locator('audio').evaluate((a) => new Promise((done, fail) => {
      a.addEventListener('error', () => fail(new Error(a.error?.message)))
      const look = () => Number.isFinite(a.duration) && a.duration > 0 && done(a.duration)
      a.addEventListener('durationchange', look)
      look()
    }))
    assert.ok(Math.abs(length - seconds) < 0.3, `${format} plays ${length} seconds`)
    if (format === 'wav') {
      await accessible(page, 'speech')
      const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
      await page.getByLabel('What to do').selectOption('transcription')
      await page.getByLabel('Recording').setInputFiles({ name: 'a.wav', mimeType: 'audio/wav', buffer: await bytes(download) })
      await page.getByRole('button', { name: 'Write it down' }).click()
      await page.getByRole('button', { name: 'Copy the text' }).waitFor()
      assert.match(await page.getByRole('region', { name: 'Result' }).locator('p').first().textContent(), /\w+ \w+ \w+/)
      await accessible(page, 'transcription')
    }
  }
  assert.deepEqual(faults, [])
})

async function bytes(download) {
  const parts = []
  for await (const part of await download.createReadStream()) parts.push(part)
  return Buffer.concat(parts)
}

test('a text goes on, and texts become vectors', async (t) => {
  const { page, faults } = await tab(t, 'Completions')
  await page.getByRole('textbox', { name: 'Prompt' }).fill('Once upon a time')
  await page.getByRole('button', { name: 'Generate' }).click()
  await page.getByRole('button', { name: 'Copy the text' }).waitFor()
  await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' })
  await page.getByRole('tab', { name: 'Embeddings' }).click()
  await page.getByRole('textbox', { name: 'Text 1' }).fill('gate')
  await page.getByRole('textbox', { name: 'Text 2' }).fill('door')
  await page.getByRole('button', { name: 'Embed', exact: true }).click()
  await page.getByText('Cosine similarity').waitFor()
  assert.deepEqual(faults, [])
})

test('who is told the region alone reads no deployment, and a warning goes with what it was about', async (t) => {
  const { page } = await tab(t, 'Chat')
  await page.route('**/chat/completions', async (route) => {
    const res = await route.fetch()
    const headers = { ...res.headers(), 'x-ms-region': 'Sweden Central' }
    delete headers['x-ms-deployment-name']
    await route.fulfill({ response: res, headers })
  })
  await send(page, 'Hello')
  await answered(page)
  await answers(page).getByRole('button', { name: /tokens/ }).click()
  const told = await answers(page).locator('dl > div').allTextContents()
  assert.ok(told.includes('RegionSweden Central') && !told.some((row) => row.startsWith('Deployment')), told.join('; '))

  await page.getByRole('button', { name: 'More about this chat' }).click()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Export' }).click()])
  const warning = page.getByText('The file is not a chat exported from this playground.')
  const bad = { name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"a":1}') }
  await page.getByLabel('Chat to import').setInputFiles(bad)
  await warning.waitFor()
  await page.getByLabel('Chat to import').setInputFiles(await file.path())
  await warning.waitFor({ state: 'detached' })
  await page.getByLabel('Chat to import').setInputFiles(bad)
  await warning.waitFor()
  await page.getByRole('button', { name: 'New chat' }).click()
  await warning.waitFor({ state: 'detached' })
})

test('what an organiser suggests is text, whatever it holds', async (t) => {
  const hostile = '<img src=x onerror="document.title=1"></button></textarea><script>document.title=1</script> [a](javascript:alert(1)) \u202e ${7*7}'
  const definition = {
    name: 'Hostile', code: 'hostile-1', start: '2026-01-01T00:00:00Z', end: '2126-01-01T00:00:00Z',
    prompts: [{ title: '<b>\u200fשיר</b>', text: hostile }, { title: 'Long', text: 'x'.repeat(2000) }],
    system_message: hostile,
  }
  const made = await fetch(`${await demo.admin}/admin/v1/events/hostile`, {
    method: 'PUT', body: JSON.stringify(definition), headers: { authorization: 'Bearer tg-demo-admin', 'content-type': 'application/json' },
  })
  assert.equal(made.status, 201, await made.text())
  const o = await open(browser, url)
  t.after(() => o.close())
  await signIn(o.page, 'hostile-1/Ann')
  const sent = new Promise((done) => o.page.on('request', (r) => r.url().endsWith('/chat/completions') && done(r.postDataJSON())))
  await o.page.getByRole('button', { name: '<b>\u200fשיר</b>' }).first().click()
  assert.equal(await o.page.getByLabel('Your message').inputValue(), hostile)
  await o.page.getByRole('button', { name: 'Send', exact: true }).click()
  await answered(o.page)
  assert.deepEqual((await sent).messages, [{ role: 'system', content: hostile }, { role: 'user', content: hostile }])
  assert.notEqual(await o.page.title(), '1')
  assert.deepEqual(o.faults, [])
})
