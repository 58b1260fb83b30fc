// Limits and refusals: what is left is true, whose budget it is and when it renews is
// said once, and what was refused burdens no later request.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { accessible, answered, answers, launch, log, send, signedIn } from './browser.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser.close())

const chatCalls = (mock) => mock.state.calls.filter((c) => c.path.endsWith('/chat/completions'))
const questions = (call) => call.body.messages.filter((m) => m.role === 'user').map((m) => m.content)
const you = (page, text) => page.getByRole('article', { name: 'You' }).filter({ hasText: text })
const hour = (left, resets = Date.now() + 41 * 60_000) => ({ name: 'each: 4k tokens an hour', quantity: 'tokens', amount: 4000, left, period: 'hour', resets: new Date(resets).toISOString(), unit: 'tokens' })
const refusal = (message) => ({ status: 429, error: { code: 'insufficient_quota', message }, headers: { 'x-should-retry': 'false' } })

test("the event's budget is called the event's, with one word on when it renews", async (t) => {
  const { page, mock } = await signedIn(t, browser)
  mock.state.failures = [refusal('The limit "event ev1: 0.01 USD for the event" has no room for this request. It does not renew.')]
  await send(page, 'hello')
  await log(page).getByText("The event's budget has no room left.").waitFor()
  const said = await log(page).textContent()
  assert.match(said, /It does not renew\. Ask your host for more\./)
  assert.doesNotMatch(said, /Your budget|fills again|used up/)
})

test('a budget with something left says how large an answer fits, and times as people read them', async (t) => {
  const { page, mock } = await signedIn(t, browser)
  mock.state.failures = [refusal('The limit "each: 4k tokens an hour" has no room for this request: 849 tokens are left, and it may use up to 3151 tokens. With a max_tokens of up to 480 it fits. It renews at 2026-11-22T00:00:00+01:00.')]
  await send(page, 'hello')
  await log(page).getByText('Too little is left of your budget.').waitFor()
  const said = await log(page).textContent()
  assert.match(said, /849 tokens are left, and this request may use up to 3,151 tokens/)
  assert.match(said, /It renews on Sunday,? 22 November 2026 at 00:00 CET\./)
  assert.match(said, /Set Max response to 480 or less and try again\./)
  assert.doesNotMatch(said, /used up|T00:00|max_tokens/)
  await page.getByRole('spinbutton', { name: 'Max response, number' }).fill('480')
  await page.getByRole('button', { name: 'Try again' }).click()
  await answers(page).getByText('Hello!').waitFor()
  assert.equal(chatCalls(mock)[1].body.max_tokens, 480)
})

test('what is left is asked for again after an answer and after a refusal, and is told once', async (t) => {
  const { page, mock } = await signedIn(t, browser, { mock: { session: { limits: [hour(4000)] } } })
  await page.getByText('4,000 of 4,000', { exact: true }).waitFor()
  assert.equal(await page.getByText(/Full again/).count(), 0, 'what is full does not fill')
  mock.state.session.limits = [hour(3958)]
  await send(page, 'hello')
  await answered(page)
  await page.getByText('3,958 of 4,000', { exact: true }).waitFor({ timeout: 2000 })
  assert.equal(await page.getByText(/Just now/).count(), 0)
  mock.state.session.limits = [hour(849)]
  mock.state.failures = [refusal('The limit "each: 4k tokens an hour" has no room for this request.')]
  await send(page, 'more')
  await page.getByText('849 of 4,000', { exact: true }).waitFor({ timeout: 2000 })
})

test('the time until a limit is full again ticks, and then it is full', async (t) => {
  const { page, mock } = await signedIn(t, browser, { mock: { session: { limits: [hour(849, Date.now() + 5000)] } } })
  const full = page.getByText(/^Full again in \d s$/)
  await full.waitFor()
  const before = await full.textContent()
  await page.waitForFunction((was) => [...document.querySelectorAll('span')].some((e) => /^Full again in \d s$/.test(e.textContent) && e.textContent !== was), before, { timeout: 2500 })
  mock.state.session.limits = [hour(4000)]
  await page.getByText('4,000 of 4,000', { exact: true }).waitFor()
})

test('a refused question stays in sight, and is not sent with the next', async (t) => {
  const { page, mock } = await signedIn(t, browser)
  const full = () => refusal('The limit "each: 4k tokens an hour" has no room for this request.')
  mock.state.failures = [full(), full()]
  await send(page, 'first')
  await log(page).getByText('no room left').waitFor()
  await you(page, 'first').getByText('Not answered').waitFor()
  await page.getByRole('button', { name: 'Dismiss the error' }).click()
  await send(page, 'second')
  await log(page).getByText('no room left').waitFor()
  await page.waitForTimeout(600)
  await page.reload()
  await you(page, 'second').getByText('Not answered').waitFor()
  await send(page, 'third')
  await answers(page).getByText('Hello!').waitFor()
  await answered(page)
  assert.deepEqual(chatCalls(mock).map(questions), [['first'], ['second'], ['third']])
  assert.equal(await page.getByRole('article', { name: 'You' }).count(), 3, 'all are there')
  await you(page, 'first').hover()
  await you(page, 'first').getByRole('button', { name: 'Edit and send again' }).click()
  await page.getByRole('button', { name: 'Send again', exact: true }).click()
  await answered(page)
  await answers(page).getByText('Hello!').waitFor()
  assert.deepEqual(questions(chatCalls(mock)[3]), ['first'])
  assert.equal(await page.getByText('Not answered').count(), 0, 'what is sent again is no longer refused')
})

test('a refusal below a long chat is seen without scrolling', async (t) => {
  const { page, mock } = await signedIn(t, browser)
  await send(page, 'Why is the sky blue?')
  await answered(page)
  await send(page, 'Why is the sky blue?')
  await answered(page)
  mock.state.failures = [refusal('No.')]
  await send(page, 'more')
  const again = page.getByRole('button', { name: 'Try again' })
  await again.waitFor()
  await page.waitForTimeout(300)
  const [button, composer] = [await again.boundingBox(), await page.getByLabel('Your message').boundingBox()]
  assert.ok(button.y + button.height < composer.y, `the button ends at ${button.y + button.height}, the composer begins at ${composer.y}`)
})

test('a refused question that is tried again is part of the chat', async (t) => {
  const { page, mock } = await signedIn(t, browser)
  mock.state.failures = [refusal('No.')]
  await send(page, 'first')
  await page.getByRole('button', { name: 'Try again' }).click()
  await answers(page).getByText('Hello!').waitFor()
  await answered(page)
  assert.equal(await page.getByText('Not answered').count(), 0)
  await send(page, 'second')
  await answered(page)
  assert.deepEqual(questions(chatCalls(mock)[2]), ['first', 'second'])
})

test('an answer that could not be made anew is kept, and can be tried again', async (t) => {
  const { page, mock } = await signedIn(t, browser)
  await send(page, 'first')
  await answered(page)
  await send(page, 'second')
  await answered(page)
  mock.state.failures = [refusal('No.')]
  await page.getByRole('button', { name: 'Regenerate' }).first().click()
  await log(page).getByText('The budget has no room for this.').waitFor()
  assert.equal(await page.getByRole('article').count(), 4, 'nothing was lost')
  assert.equal(await page.getByText('Not answered').count(), 0)
  await page.getByRole('button', { name: 'Try again' }).click()
  await answered(page)
  await answers(page).getByText('Hello!').waitFor()
  assert.deepEqual(questions(chatCalls(mock)[3]), ['first'])
})

for (const colorScheme of ['light', 'dark']) {
  test(`a refused question is accessible, ${colorScheme}`, async (t) => {
    const { page, mock } = await signedIn(t, browser, { colorScheme })
    mock.state.failures = [refusal('The limit "event ev1: 0.01 USD for the event" has no room for this request. It does not renew.')]
    await send(page, 'hello')
    await page.getByText('Not answered').waitFor()
    await accessible(page, colorScheme)
  })
}
