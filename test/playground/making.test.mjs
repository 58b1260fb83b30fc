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

const tools = async (page) => page.getByRole('button', { name: 'Tools', exact: true }).click()
const asJson = (page) => page.getByRole('tab', { name: 'JSON' })
const asForm = (page) => page.getByRole('tab', { name: 'Form' })

for (const colorScheme of ['light', 'dark']) {
  test(`tools are written by a form and as JSON, and both show the same, ${colorScheme}`, async (t) => {
    const { page, mock, faults } = await signedIn(t, browser, { colorScheme })
    await tools(page)
    await page.getByRole('button', { name: 'Add a tool' }).click()
    const name = page.getByLabel('Function')
    await name.fill('two words')
    await page.getByText('A name has 1 to 64 letters, digits, _ or -. Not taken yet.').waitFor()
    await name.fill('find_train')
    await page.getByLabel('What it does').fill('Finds a train')
    await page.getByRole('button', { name: 'Add a parameter' }).click()
    await page.getByRole('button', { name: 'Add a parameter' }).click()
    const row = (n) => page.getByRole('group', { name: `parameter ${n}` })
    await row(1).getByLabel('Name').fill('class')
    await row(1).getByLabel('Description').fill('Which class')
    await row(1).getByRole('checkbox', { name: 'Required' }).check()
    await row(1).getByRole('button', { name: 'More' }).click()
    await row(1).getByLabel('Values, one a line').fill('first\nsecond')
    await row(2).getByLabel('Name').fill('class')
    await row(2).getByText('There is a class already.').waitFor()
    await row(2).getByLabel('Name').fill('via')
    await row(2).getByLabel('Type').selectOption('array')
    await row(2).getByLabel('Items and more (JSON)').fill('{"items": {')
    await row(2).getByText('This is not JSON').waitFor()
    await row(2).getByLabel('Items and more (JSON)').fill('{"items": {"type": "string"}}')
    await page.getByLabel('Which tool').selectOption('find_train')
    await name.fill('find_trains')
    assert.equal(await page.getByLabel('Which tool').inputValue(), 'find_trains', 'the choice follows the name')
    await accessible(page, `the form of a tool, ${colorScheme}`)
    const made = [{ type: 'function', function: { name: 'find_trains', description: 'Finds a train', parameters: {
      type: 'object', properties: { class: { type: 'string', description: 'Which class', enum: ['first', 'second'] }, via: { items: { type: 'string' }, type: 'array' } }, required: ['class'],
    } } }]
    await asJson(page).click()
    assert.deepEqual(JSON.parse(await page.getByLabel('Tools (JSON)').inputValue()), made)
    await page.getByLabel('Tools (JSON)').fill(JSON.stringify([...made, { type: 'custom', custom: { name: 'odd' } }]))
    await page.getByText('[1].type').waitFor()
    await asForm(page).click()
    await page.getByText('has what only the JSON can show').waitFor()
    await page.getByRole('button', { name: 'Delete tool 2' }).click()
    await page.getByRole('switch', { name: 'Strict: arguments' }).click()
    assert.equal(await row(2).getByRole('checkbox', { name: 'Required' }).isChecked(), true)
    await send(page, 'hello')
    await answered(page)
    const { body } = chatCalls(mock)[0]
    assert.deepEqual(body.tool_choice, { type: 'function', function: { name: 'find_trains' } })
    assert.equal(body.tools[0].function.strict, true)
    assert.deepEqual([body.tools[0].function.parameters.required, body.tools[0].function.parameters.additionalProperties], [['class', 'via'], false])
    await asJson(page).click()
    await page.getByLabel('Tools (JSON)').fill('[{]')
    await page.getByText(/not JSON.*line 1/).waitFor()
    await asForm(page).click()
    await page.getByText('The JSON is broken').waitFor()
    assert.deepEqual(faults, [])
  })

  test(`an answer is asked for by a schema and checked against it, ${colorScheme}`, async (t) => {
    const { page, mock, faults } = await signedIn(t, browser, { colorScheme })
    await page.getByLabel('Answer in').selectOption('JSON by a schema')
    await page.getByText('There is no schema yet.').waitFor()
    await page.getByRole('button', { name: 'Insert a sample' }).last().click()
    await page.getByRole('group', { name: 'property 3' }).waitFor()
    await accessible(page, `the form of a schema, ${colorScheme}`)
    await send(page, 'fits')
    await answers(page).getByText('Matches the schema').waitFor()
    const { response_format: format } = chatCalls(mock)[0].body
    assert.deepEqual([format.type, format.json_schema.name, format.json_schema.strict, format.json_schema.schema.required], ['json_schema', 'answer', true, ['title', 'people', 'mood']])
    await send(page, 'unfit')
    await answers(page).getByRole('button', { name: 'Does not match the schema' }).click()
    const list = page.getByRole('list', { name: 'What does not match' })
    for (const at of ['title', 'people[1]', 'mood', 'more']) await list.locator('code').getByText(at, { exact: true }).waitFor()
    await accessible(page, `an answer that does not match, ${colorScheme}`)
    await send(page, 'unfit cut')
    await answers(page).getByText('Not JSON: cut at Max response').waitFor()
    await page.getByRole('button', { name: 'Add a property' }).click()
    await page.getByRole('group', { name: 'property 4' }).getByRole('button', { name: 'Delete' }).click()
    await asJson(page).click()
    await page.getByLabel('Schema (JSON)').fill('{"type":"object","properties":{"a":{"type":"string"}}}')
    await page.getByText('Strict demands that all are required; missing: a.').waitFor()
    await page.getByRole('button', { name: 'Make it strict' }).click()
    assert.deepEqual(JSON.parse(await page.getByLabel('Schema (JSON)').inputValue()), { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false, required: ['a'] })
    await page.getByLabel('Schema (JSON)').fill('{"type":')
    await page.getByText('One thing is wrong; nothing of it is sent.').waitFor()
    await send(page, 'hello')
    await answered(page)
    assert.equal(chatCalls(mock)[3].body.response_format, undefined)
    await page.waitForTimeout(700)
    await page.reload()
    await answers(page).getByText('Matches the schema').waitFor()
    assert.deepEqual(faults, [])
  })
}

test('arguments that are no JSON, and a thousand calls, leave the page alive', async (t) => {
  const { page, mock, faults } = await signedIn(t, browser)
  await send(page, 'nonsense')
  await answers(page).getByText('Its arguments are not JSON').waitFor()
  assert.match(await page.getByLabel('Arguments of get_weather').textContent(), /<img src=x onerror/)
  await page.getByRole('button', { name: 'New chat' }).click()
  await send(page, 'thousand')
  await answers(page).getByText('872 more calls were left out').waitFor()
  await page.getByRole('button', { name: 'Show all 128 calls' }).click()
  await page.getByRole('textbox', { name: 'Result of get_weather' }).first().fill('21')
  await page.getByRole('button', { name: 'Give the 127 empty ones the first result' }).click()
  await page.getByRole('button', { name: 'Send the results' }).click()
  await answers(page).getByText('The tool said 21.').waitFor()
  assert.equal(chatCalls(mock)[2].body.messages.filter((m) => m.role === 'tool').length, 128)
  assert.deepEqual(faults, [])
})

test('an answer of 5 MB that was to be JSON is checked, and the page goes on', async (t) => {
  const { page, faults } = await signedIn(t, browser)
  page.setDefaultTimeout(120_000)
  await page.getByLabel('Answer in').selectOption('JSON')
  const begun = Date.now()
  await send(page, 'megabytes')
  await answers(page).getByText('"people"').first().waitFor()
  const typing = Date.now()
  await box(page).fill('typed meanwhile')
  const typed = Date.now() - typing
  await answers(page).getByText('Valid JSON').waitFor()
  t.diagnostic(`${Date.now() - begun} ms in all, typing took ${typed} ms`)
  assert.equal(await box(page).inputValue(), 'typed meanwhile')
  assert.deepEqual(faults, [])
})

test('what an event does not allow is offered with the reason, and cannot be chosen', async (t) => {
  const { page } = await signedIn(t, browser, { mock: { session: { allow: ['images'], indexes: ['handbook'] } } })
  assert.equal(await page.getByRole('switch', { name: 'Answer from a search index' }).isDisabled(), true)
  await page.getByText('Not allowed in this event').waitFor()
})
