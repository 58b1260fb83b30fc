// The chat against the mock: streams, tools, failures, and events that end.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { answered, answers, launch, log, send, signedIn } from './browser.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

const chatCalls = (mock) => mock.state.calls.filter((c) => c.path.endsWith('/chat/completions'))

test('a message is there at once, its answer has a card, and both are there after a reload', async (t) => {
  const { page, mock, faults } = await signedIn(t, browser)
  await send(page, 'hello')
  await page.getByRole('article', { name: 'You' }).getByText('hello').waitFor()
  await answered(page)
  await answers(page).getByText('Hello! Ask me anything').waitFor()
  const { body } = chatCalls(mock)[0]
  assert.equal(body.max_tokens, 512, "the event's cap is what is sent")
  assert.equal(body.stop, undefined)
  assert.equal(body.stream, true)
  await page.getByRole('button', { name: /42 tokens/ }).click()
  for (const words of ['stop', 'gpt-4o-sweden, Sweden Central', '512 tokens', 'req-42', 'Self harm: safe']) {
    await answers(page).getByText(words).first().waitFor()
  }
  assert.match(await page.getByTestId('announcer').textContent(), /^Answer: Hello!/)
  await page.waitForTimeout(600)
  await page.reload()
  await answers(page).getByText('Hello! Ask me anything').waitFor()
  assert.deepEqual(faults, [])
})

test('an answer is stopped, kept, and can be asked for again', async (t) => {
  const { page, mock } = await signedIn(t, browser)
  await send(page, 'slow')
  await answers(page).getByText('word3').waitFor()
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('Stopped by you').waitFor()
  assert.match(await answers(page).textContent(), /word3/)
  await page.getByRole('button', { name: 'Regenerate' }).click()
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('Stopped by you').waitFor()
  assert.equal(await answers(page).count(), 1)
  assert.deepEqual(chatCalls(mock)[1].body.messages, chatCalls(mock)[0].body.messages)
})

test('a message is edited and sent again, and deleted', async (t) => {
  const { page, mock } = await signedIn(t, browser)
  await send(page, 'first')
  await answered(page)
  await send(page, 'second')
  await answered(page)
  await page.getByRole('article', { name: 'You' }).first().hover()
  await page.getByRole('button', { name: 'Edit and send again' }).first().click()
  await page.getByRole('textbox', { name: 'Edit your message' }).fill('changed')
  await page.getByRole('button', { name: 'Send again', exact: true }).click()
  await answered(page)
  assert.deepEqual(await page.getByRole('article').count(), 2, 'what followed is gone')
  assert.deepEqual(chatCalls(mock)[2].body.messages.map((m) => m.content).slice(1), ['changed'])
  await page.getByRole('button', { name: 'Delete the answer' }).click()
  assert.equal(await answers(page).count(), 0)
})

test('tools: errors are said at their place, the call is shown, the result goes back, the chat goes on', async (t) => {
  const { page, mock } = await signedIn(t, browser)
  await page.getByRole('button', { name: 'Tools', exact: true }).click()
  await page.getByRole('tab', { name: 'JSON' }).click()
  await page.getByLabel('Tools (JSON)').fill('[{"type":"function","function":{"name":"two words"}}]')
  await page.getByText('[0].function.name').waitFor()
  await page.getByRole('button', { name: 'Remove all' }).click()
  await page.getByRole('button', { name: 'Insert a sample' }).click()
  await send(page, 'tools please')
  await answers(page).getByText('get_weather').first().waitFor()
  await page.getByLabel('Result of get_weather').getByText('Oslo').waitFor({ state: 'detached' })
  assert.match(await page.getByLabel('Arguments of get_weather').textContent(), /"location": "Oslo"/)
  assert.equal(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled(), true)
  await page.getByRole('textbox', { name: 'Result of get_weather' }).fill('{"temperature":-3}')
  await page.getByRole('button', { name: 'Send the result' }).click()
  await answers(page).getByText('The tool said {"temperature":-3}.').waitFor()
  const { body } = chatCalls(mock)[1]
  assert.equal(body.tools[0].function.name, 'get_weather')
  assert.deepEqual(body.messages.slice(-2), [
    { role: 'assistant', content: null, tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: '{"location": "Oslo"}' } }] },
    { role: 'tool', content: '{"temperature":-3}', tool_call_id: 'call_a' },
  ])
})

test('a refused call keeps the chat, says when to try again, and then does', async (t) => {
  const { page, mock } = await signedIn(t, browser)
  await send(page, 'hello')
  await answered(page)
  await send(page, 'limited')
  await log(page).getByText('Too many requests just now.').waitFor()
  const again = page.getByRole('button', { name: /Try again/ })
  assert.match(await again.textContent(), /in \d+ s/)
  assert.equal(await again.isDisabled(), true)
  assert.equal(await answers(page).count(), 1, 'the chat is there')
  await page.getByRole('button', { name: 'Try again', exact: true }).click()
  await answers(page).nth(1).getByText('Hello!').waitFor()
  assert.equal(await log(page).getByText('Too many requests just now.').count(), 0)
  assert.equal(chatCalls(mock)[2].body.messages.filter((m) => m.role === 'user').length, 2, 'the error is never sent')
})

test('a filtered prompt names its reason and can be dismissed', async (t) => {
  const { page } = await signedIn(t, browser)
  await send(page, 'filtered')
  await log(page).getByText('Reason: Hate (medium).').waitFor()
  await page.getByRole('button', { name: 'Dismiss the error' }).click()
  assert.equal(await log(page).getByText('Reason: Hate').count(), 0)
  await page.getByRole('article', { name: 'You' }).getByText('filtered').waitFor()
})

for (const [scene, kept, words] of [
  ['broken', 'This sentence has no', 'The connection was lost in the middle of the answer.'],
  ['cut', 'This one just stops', 'The answer ended without a reason to finish.'],
  ['inside', 'Half an', 'The deployment is overloaded.'],
]) {
  test(`a stream that ends badly (${scene}) shows it, and keeps what came`, async (t) => {
    const { page } = await signedIn(t, browser)
    await send(page, scene)
    await page.getByText('The answer broke off here').waitFor()
    await answers(page).getByText(kept).waitFor()
    await log(page).getByText(words).waitFor()
    assert.match(await page.getByTestId('announcer').textContent(), /broke off|not available|Too many/)
    await page.getByRole('button', { name: 'Try again' }).waitFor()
  })
}

test('a stream that falls silent ends visibly', async (t) => {
  const { page } = await signedIn(t, browser)
  await page.clock.install()
  await send(page, 'stall')
  await page.clock.runFor(500)
  await answers(page).getByText('And then nothing').waitFor()
  await page.clock.runFor(61_000)
  await log(page).getByText('Nothing came for 60 seconds.').waitFor()
})

test('an event that ends by the clock while the page is open says so at once', async (t) => {
  const end = new Date(Date.now() + 6000).toISOString()
  const { page, mock } = await signedIn(t, browser, { mock: { event: { end } } })
  await send(page, 'hello')
  await answered(page)
  await page.getByText('Nothing more can be sent').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled(), true)
  await answers(page).getByText('Hello!').waitFor()
  assert.equal(await page.getByLabel('Your message').isEditable(), false)
  mock.state.event.end = new Date(Date.now() + 3600_000).toISOString()
  await page.getByRole('button', { name: 'Check again' }).click()
  await page.getByText('Nothing more can be sent').waitFor({ state: 'detached' })
  await send(page, 'more')
  await answers(page).nth(1).getByText('Hello!').waitFor()
  assert.equal(chatCalls(mock).length, 2, 'no call after the end')
})

test('an event that is ended by its host: the next call says so, the chat stays and is exported', async (t) => {
  const { page, mock } = await signedIn(t, browser)
  await send(page, 'hello')
  await answered(page)
  mock.state.over = true
  await send(page, 'more')
  await page.getByText('Nothing more can be sent').waitFor()
  await page.getByRole('button', { name: 'More about this chat' }).click()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Export' }).click()])
  const saved = JSON.parse(await readFile(await file.path(), 'utf8'))
  assert.deepEqual(saved.turns.map((x) => x.role), ['user', 'assistant', 'user', 'error'])
})

test('chats are named, kept apart, exported and imported', async (t) => {
  const { page } = await signedIn(t, browser)
  await send(page, 'hello')
  await answered(page)
  await page.getByRole('button', { name: 'More about this chat' }).click()
  await page.getByRole('menuitem', { name: 'Rename' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('My chat')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'More about this chat' }).click()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Export' }).click()])
  assert.equal(file.suggestedFilename(), 'My chat.json')
  await page.getByRole('button', { name: 'New chat' }).click()
  assert.equal(await page.getByRole('article').count(), 0)
  await page.getByLabel('Chat to import').setInputFiles(await file.path())
  await answers(page).getByText('Hello!').waitFor()
  await page.getByRole('button', { name: 'Chats', exact: true }).click()
  assert.deepEqual((await page.getByRole('region', { name: 'Chats' }).locator('[data-row]').allTextContents()).map((n) => n.trim()).sort(), ['My chat', 'My chat', 'New chat'])
  await page.getByLabel('Chat to import').setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"a":1}') })
  await page.getByText('The file is not a chat exported from this playground.').waitFor()
})

test('a template asks first; the system message says when it is unsaved', async (t) => {
  const { page, mock } = await signedIn(t, browser)
  await page.getByLabel('Use a template').selectOption('Extract as JSON')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByLabel('Use a template').selectOption('Extract as JSON')
  await page.getByRole('button', { name: 'Use it' }).click()
  const box = page.getByRole('textbox', { name: 'System message' })
  assert.match(await box.inputValue(), /^Extract the people/)
  await box.fill('Speak like a pirate.')
  await page.getByText('Unsaved changes').waitFor()
  await page.getByRole('button', { name: 'Apply changes' }).click()
  await send(page, 'hello')
  await answered(page)
  const { messages } = chatCalls(mock)[0].body
  assert.deepEqual(messages.map((m) => m.role), ['system', 'user', 'assistant', 'user'])
  assert.equal(messages[0].content, 'Speak like a pirate.')
})

test('what the settings show is what is sent, typed or dragged', async (t) => {
  const { page, mock } = await signedIn(t, browser)
  await page.getByRole('spinbutton', { name: 'Max response, number' }).fill('99')
  await page.getByRole('spinbutton', { name: 'Temperature, number' }).fill('1.5')
  await page.getByRole('spinbutton', { name: 'Presence penalty, number' }).fill('-2')
  await page.getByRole('slider', { name: 'Top P' }).press('Home')
  await page.getByLabel('Stop sequences').fill('END')
  await page.getByLabel('Stop sequences').press('Enter')
  await page.getByLabel('Seed').fill('7')
  await page.getByLabel('Answer in').selectOption('JSON')
  await send(page, 'hello')
  await answered(page)
  const { body } = chatCalls(mock)[0]
  assert.deepEqual([body.max_tokens, body.temperature, body.presence_penalty, body.top_p, body.stop, body.seed, body.response_format], [99, 1.5, -2, 0, ['END'], 7, { type: 'json_object' }])
  await page.getByLabel('Deployment').selectOption('o4-mini')
  await send(page, 'again')
  await answered(page)
  const thinking = chatCalls(mock)[1].body
  assert.deepEqual([thinking.max_completion_tokens, thinking.max_tokens, thinking.temperature, thinking.stop], [99, undefined, undefined, undefined])
})

test('pictures go along as data, and other files are refused with words', async (t) => {
  const { page, mock } = await signedIn(t, browser)
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
  const pictures = page.getByLabel('Files', { exact: true })
  await pictures.setInputFiles({ name: 'a.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg/>') })
  await page.getByText('a.svg is not a PNG, JPEG, GIF or WebP picture.').waitFor()
  await pictures.setInputFiles(Array.from({ length: 11 }, (_, i) => ({ name: `${i}.png`, mimeType: 'image/png', buffer: png })))
  await page.getByText('A message has at most 10 attachments.').waitFor()
  await page.getByRole('button', { name: 'Remove 0.png' }).click()
  await send(page, 'what is this?')
  await answered(page)
  const { content } = chatCalls(mock)[0].body.messages.at(-1)
  assert.equal(content.length, 10)
  assert.match(content[1].image_url.url, /^data:image\/png;base64,iVBOR/)
})

test('Markdown is drawn, and nothing in it runs or loads from elsewhere', async (t) => {
  const { page, faults } = await signedIn(t, browser)
  await send(page, 'markdown')
  await answered(page)
  await answers(page).getByRole('cell', { name: '450 nm' }).waitFor()
  await answers(page).locator('.hljs-keyword').first().waitFor()
  assert.equal(await answers(page).locator('img, script, a[href^="javascript"]').count(), 0)
  await page.getByRole('button', { name: 'Show JSON' }).click()
  await page.getByLabel('Request as JSON').getByText('"stream": true').waitFor()
  await page.getByLabel('Response as JSON').getByText('"finish_reason": "stop"').waitFor()
  assert.deepEqual(faults, [])
})
