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
