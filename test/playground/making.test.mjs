// What one puts into a prompt: prompts to try, the organiser's system message, tools by a
// form, answers by a schema, attachments.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { accessible, answered, answers, launch, log, send, signedIn } from './browser.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

const chatCalls = (mock) => mock.state.calls.filter((c) => c.path.endsWith('/chat/completions'))
const box = (page) => page.getByLabel('Your message')
const chips = (page) => page.getByRole('list', { name: 'Prompts to try' })

const prompts = [
  { title: 'Ideas for a name', text: 'Ten names for a café by the sea.' },
  { title: '<img src=x onerror=alert(1)>', text: 'A title with <b>markup</b> is words.' },
  { title: 'x'.repeat(200), text: 'Long '.repeat(200) },
]

test("the organiser's prompts go into the box by mouse and keyboard and are not sent", async (t) => {
  const { page, mock, faults } = await signedIn(t, browser, { mock: { event: { prompts } } })
  await chips(page).getByRole('button', { name: 'Ideas for a name' }).click()
  assert.equal(await box(page).inputValue(), prompts[0].text)
  await page.waitForFunction(() => document.activeElement?.id === 'composer')
  await chips(page).getByRole('button', { name: '<img src=x' }).focus()
  await page.keyboard.press('Enter')
  assert.equal(await box(page).inputValue(), prompts[1].text, 'another prompt takes the place of one that was not changed')
  await box(page).fill('My own words')
  await chips(page).getByRole('button', { name: 'Ideas for a name' }).click()
  assert.equal(await box(page).inputValue(), `My own words\n\n${prompts[0].text}`)
  assert.equal(chatCalls(mock).length, 0)
  await accessible(page, 'prompts in an empty chat')
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await answered(page)
  await chips(page).getByRole('button', { name: 'Ideas for a name' }).click()
  assert.equal(await box(page).inputValue(), prompts[0].text)
  await accessible(page, 'prompts above the box')
  assert.deepEqual(faults, [])
})

test('without prompts of an event there are a few that suit the model', async (t) => {
  const { page } = await signedIn(t, browser)
  await chips(page).getByRole('button', { name: 'Read a picture' }).waitFor()
  await page.getByLabel('Deployment').selectOption('o4-mini')
  await chips(page).getByRole('button', { name: 'Solve a puzzle' }).click()
  assert.match(await box(page).inputValue(), /17 coins/)
})

test("a new chat begins with the organiser's system message, which can be changed and had back", async (t) => {
  const { page, mock } = await signedIn(t, browser, { mock: { event: { system_message: 'Answer as a pirate.' } } })
  const system = page.getByRole('textbox', { name: 'System message' })
  assert.equal(await system.inputValue(), 'Answer as a pirate.')
  await send(page, 'hello')
  await answered(page)
  assert.deepEqual(chatCalls(mock)[0].body.messages[0], { role: 'system', content: 'Answer as a pirate.' })
  await system.fill('Answer as a judge.')
  await page.getByRole('button', { name: 'Apply changes' }).click()
  await page.getByRole('button', { name: "Back to the organiser's" }).click()
  assert.equal(await system.inputValue(), 'Answer as a pirate.')
  await page.getByRole('button', { name: 'New chat' }).click()
  assert.equal(await system.inputValue(), 'Answer as a pirate.')
})

/** A PNG of a size, drawn by the page. */
const drawn = async (page, width, height) =>
  Buffer.from(await page.evaluate(async ([w, h]) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h })
    canvas.getContext('2d').fillRect(0, 0, w / 2, h)
    return canvas.toDataURL('image/png').split(',')[1]
  }, [width, height]), 'base64')

/** A second of silence. */
const wav = () => {
  const b = Buffer.alloc(44 + 16_000)
  b.write('RIFF', 0)
  b.writeUInt32LE(36 + 16_000, 4)
  b.write('WAVEfmt ', 8)
  b.writeUInt32LE(16, 16)
  b.writeUInt16LE(1, 20)
  b.writeUInt16LE(1, 22)
  b.writeUInt32LE(8000, 24)
  b.writeUInt32LE(16_000, 28)
  b.writeUInt16LE(2, 32)
  b.writeUInt16LE(16, 34)
  b.write('data', 36)
  b.writeUInt32LE(16_000, 40)
  return b
}

const ears = { name: 'gpt-audio', kind: 'chat', capabilities: ['audio', 'stream'], context: 1000, max_output: 500, regions: [] }
const eyes = { name: 'gpt-4o', kind: 'chat', capabilities: ['vision', 'tools', 'json', 'stream'], context: 128000, max_output: 16384, regions: [] }
const files = (page) => page.getByLabel('Files', { exact: true })
const attached = (page) => page.getByRole('list', { name: 'Attachments' })
const file = (name, content, mimeType = 'text/plain') => ({ name, mimeType, buffer: Buffer.from(content) })

test('text files go into the prompt with their count told first, and are shown and kept', async (t) => {
  const { page, mock, faults } = await signedIn(t, browser)
  await files(page).setInputFiles([file('notes.md', '# Notes\n\nThe sea is <b>blue</b>.'), file('x.csv', 'a,b\n1,2\n', 'text/csv')])
  await attached(page).getByText('about 13 tokens').waitFor()
  await accessible(page, 'attachments')
  await page.getByRole('button', { name: 'Remove x.csv' }).click()
  await send(page, 'Which colour?')
  await answered(page)
  assert.equal(chatCalls(mock)[0].body.messages.at(-1).content, 'Which colour?\n\nFile “notes.md”:\n```md\n# Notes\n\nThe sea is <b>blue</b>.\n```')
  assert.equal(await attached(page).count(), 0)
  await page.waitForTimeout(700)
  await page.reload()
  await log(page).getByText('notes.md').click()
  await log(page).getByLabel('Text of notes.md').getByText('<b>blue</b>').waitFor()
  await accessible(page, 'a text file in a message')
  assert.deepEqual(faults, [])
})

test('what cannot be attached is refused in words', async (t) => {
  const { page, faults } = await signedIn(t, browser, { mock: { session: { models: [ears, eyes] } } })
  const refused = async (f, words) => {
    await files(page).setInputFiles(f)
    await page.getByText(words).waitFor()
  }
  await refused(file('paper.pdf', '%PDF-1.7', 'application/pdf'), 'paper.pdf is a PDF, which is not read here.')
  await refused(file('tool.exe', 'MZ\0\x01', 'application/octet-stream'), 'tool.exe is not text')
  await refused(file('a.png', 'x', 'image/png'), 'a.png: gpt-audio takes no pictures.')
  await refused(file('none.txt', ''), 'none.txt is empty.')
  await page.getByLabel('Deployment').selectOption('gpt-4o')
  await refused(file('b.png', 'no picture', 'image/png'), 'b.png is broken')
  await refused({ name: 's.wav', mimeType: 'audio/wav', buffer: wav() }, 's.wav: gpt-4o takes no sound.')
  assert.equal(await attached(page).count(), 0)
  assert.deepEqual(faults, [])
})

test('large pictures are scaled down and told so; a model that sees none is not sent them', async (t) => {
  const { page, mock, faults } = await signedIn(t, browser)
  await files(page).setInputFiles({ name: 'wide.png', mimeType: 'image/png', buffer: await drawn(page, 3000, 1000) })
  await attached(page).getByText('scaled down from 3000 × 1000').waitFor()
  await page.getByLabel('Deployment').selectOption('o4-mini')
  await page.getByText('o4-mini does not take what is attached').waitFor()
  await box(page).fill('what is this?')
  assert.equal(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled(), true)
  await page.getByLabel('Deployment').selectOption('gpt-4o')
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await answered(page)
  const { url } = chatCalls(mock)[0].body.messages.at(-1).content[1].image_url
  const size = await page.evaluate(async (u) => {
    const image = new Image()
    image.src = u
    await image.decode()
    return [image.naturalWidth, image.naturalHeight]
  }, url)
  assert.deepEqual(size, [2048, 683])
  await page.getByLabel('Deployment').selectOption('o4-mini')
  await page.getByText('One attachment of this chat is left out').waitFor()
  await send(page, 'and now?')
  await answered(page)
  assert.doesNotMatch(JSON.stringify(chatCalls(mock)[1].body), /image_url/)
  assert.deepEqual(faults, [])
})

test('sound goes to a model that hears, can be played, and too much text is warned of', async (t) => {
  const { page, mock, faults } = await signedIn(t, browser, { mock: { session: { models: [ears, eyes] } } })
  await files(page).setInputFiles({ name: 'hello.wav', mimeType: 'audio/wav', buffer: wav() })
  await attached(page).getByText('1 s · about 10 tokens').waitFor()
  await send(page, 'What is said?')
  await answered(page)
  const part = chatCalls(mock)[0].body.messages.at(-1).content[1]
  assert.deepEqual([part.type, part.input_audio.format, Buffer.from(part.input_audio.data, 'base64').equals(wav())], ['input_audio', 'wav', true])
  await log(page).getByLabel('hello.wav').evaluate((a) => new Promise((done, failed) => { a.onloadedmetadata = done; a.onerror = failed; a.load() }))
  await files(page).setInputFiles(file('long.txt', 'many words '.repeat(1000)))
  await page.getByText("more than the model's 1,000").waitFor()
  await page.getByLabel('Deployment').selectOption('gpt-4o')
  await files(page).setInputFiles(file('longer.txt', 'many words '.repeat(25_000)))
  await page.getByText('more than the 41,250 that are left to you').waitFor()
  await accessible(page, 'a warning of too much')
  assert.deepEqual(faults, [])
})

test('files are dropped anywhere on the chat and pasted; beside it the page stays', async (t) => {
  const { page, faults } = await signedIn(t, browser)
  const bring = (selector, types) =>
    page.locator(selector).first().evaluate((el, kinds) => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File(['dropped words'], 'dropped.txt', { type: 'text/plain' }))
      return kinds.map((k) => !el.dispatchEvent(new DragEvent(k, { dataTransfer, bubbles: true, cancelable: true })))
    }, types)
  assert.deepEqual(await bring('[role=log]', ['dragover']), [true])
  await page.getByText('Drop files to attach them').waitFor()
  await bring('[role=log]', ['drop'])
  await attached(page).getByText('dropped.txt').waitFor()
  assert.deepEqual(await bring('header', ['dragover', 'drop']), [true, true], 'the browser does not open it')
  assert.equal(await attached(page).getByRole('listitem').count(), 1)
  await box(page).evaluate((el) => {
    const paste = (text) => {
      const clipboardData = new DataTransfer()
      clipboardData.items.add(new File(['x'], text ? 'office.txt' : 'pasted.txt', { type: 'text/plain' }))
      if (text) clipboardData.setData('text/plain', text)
      el.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    }
    paste('words of a sheet')
    paste('')
  })
  await attached(page).getByText('pasted.txt').waitFor()
  assert.equal(await attached(page).getByText('office.txt').count(), 0)
  assert.deepEqual(faults, [])
})
