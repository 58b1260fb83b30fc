// The door before a real gateway: a bare code and a name, codes that need signing up, a key
// that moves to a phone.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { accessible, launch, open, picture, signIn, startDemo } from './browser.mjs'
import { missing, runProgram } from './programs.mjs'

let browser, demo, url, admin
before(async () => {
  browser = await launch()
  demo = startDemo()
  url = await demo.url
  admin = await demo.admin
  await make('seats', { name: 'Few seats', code: 'fewseats26', seats: 5 })
  await make('contoso', { name: 'At Contoso', code: 'contoso26', domains: ['contoso.com'] })
  await make('early', { name: 'Tomorrow', code: 'tomorrow26', start: new Date(Date.now() + 86_400_000).toISOString(), end: new Date(Date.now() + 2 * 86_400_000).toISOString() })
})
after(async () => {
  await browser?.close()
  await demo?.stop()
})

/** Makes an event that is open for an hour. */
async function make(id, event) {
  const now = Date.now()
  const body = { start: new Date(now - 60_000).toISOString(), end: new Date(now + 3_600_000).toISOString(), ...event }
  const res = await fetch(`${admin.replace(/\/$/, '')}/admin/v1/events/${id}`, { method: 'PUT', headers: { authorization: 'Bearer tg-demo-admin', 'content-type': 'application/json' }, body: JSON.stringify(body) })
  assert.equal(res.status, 201, await res.text())
}

async function opened(t, options, at = url) {
  const o = await open(browser, url, options)
  t.after(() => o.close())
  if (at !== url) await o.page.goto(at)
  // No address that the page asks for holds a code, a key or a ticket.
  o.page.on('request', (r) => /demo2026|fewseats26|contoso26|tge-|ticket=/i.test(r.url().split('#')[0]) && o.faults.push(`a secret in a URL: ${r.url()}`))
  return o
}

/** Comes in by the bare code of the demo's event. */
async function arrive(page, name, code = 'demo2026') {
  await signIn(page, code)
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Start' }).click()
}

const inside = (page) => page.getByLabel('Your message').waitFor()
const keyOf = (page) => page.evaluate(() => sessionStorage.getItem('tallygate.key') ?? localStorage.getItem('tallygate.key'))

test('two who come by the bare code are two people, and are remembered', async (t) => {
  const ann = await opened(t)
  await signIn(ann.page, ' DEMO2026 ')
  await ann.page.getByRole('heading', { name: 'Demo workshop' }).waitFor()
  assert.equal(await ann.page.getByRole('button', { name: 'Start' }).isDisabled(), true)
  await ann.page.getByLabel('Your name').fill('Ann Berg')
  await ann.page.keyboard.press('Enter')
  await inside(ann.page)
  await ann.page.getByRole('banner').getByText('Ann Berg').waitFor()
  await ann.page.reload()
  await inside(ann.page)
  const bob = await opened(t)
  await arrive(bob.page, 'ann berg')
  await bob.page.getByText('That name is taken.').waitFor()
  await accessible(bob.page, 'a name that is taken')
  await bob.page.getByLabel('Your name').fill('Bob')
  await bob.page.getByRole('button', { name: 'Start' }).click()
  await inside(bob.page)
  const keys = [await keyOf(ann.page), await keyOf(bob.page)]
  assert.match(keys[0], /^tge-/)
  assert.match(keys[1], /^tge-/)
  assert.notEqual(keys[0], keys[1])
  assert.deepEqual([...ann.faults, ...bob.faults], [])
})

test('who signs out comes back under the name in this browser, and elsewhere by the key', async (t) => {
  const { page, faults } = await opened(t)
  await arrive(page, 'Carl')
  await inside(page)
  const key = await keyOf(page)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await signIn(page, 'demo2026')
  assert.equal(await page.getByLabel('Your name').inputValue(), 'Carl')
  await page.getByRole('button', { name: 'Start' }).click()
  await inside(page)
  assert.equal(await keyOf(page), key)
  const other = await opened(t)
  await arrive(other.page, 'Carl')
  await other.page.getByRole('button', { name: 'That’s me: I have my key' }).click()
  await signIn(other.page, key)
  await inside(other.page)
  assert.deepEqual([...faults, ...other.faults], [])
})

test('who is not to be remembered is not', async (t) => {
  const { page } = await opened(t)
  await signIn(page, 'demo2026')
  await page.getByLabel('Your name').fill('Dora')
  await page.getByLabel('Remember me').uncheck()
  await page.getByRole('button', { name: 'Start' }).click()
  await inside(page)
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter((k) => k === 'tallygate.key')), [])
  assert.equal(await page.evaluate(() => localStorage.getItem('tallygate.name')), '')
  assert.deepEqual(await page.context().cookies(), [])
})

test('where the browser keeps nothing, one gets in all the same', async (t) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  t.after(() => context.close())
  await context.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get: () => { throw new DOMException('no', 'SecurityError') } })
  })
  const page = await context.newPage()
  await page.goto(url)
  await arrive(page, 'Nemo')
  await inside(page)
  await page.getByRole('banner').getByText('Nemo').waitFor()
})

test('of two who take a name at once one is told', async (t) => {
  const both = [await opened(t), await opened(t)]
  for (const { page } of both) {
    await signIn(page, 'demo2026')
    await page.getByLabel('Your name').fill('Gemini')
  }
  await Promise.all(both.map(({ page }) => page.getByRole('button', { name: 'Start' }).click()))
  const ends = await Promise.all(both.map(({ page }) => Promise.race([inside(page).then(() => 'in'), page.getByText('That name is taken.').waitFor().then(() => 'told')])))
  assert.deepEqual(ends.toSorted(), ['in', 'told'])
})

test('names with markup, in any direction, are shown as they are', async (t) => {
  for (const name of ['<img src=x onerror=alert(1)>', 'שירה לוי', '👩‍💻 Zoë']) {
    const { page, faults } = await opened(t)
    await arrive(page, name)
    await inside(page)
    assert.equal(await page.getByRole('banner').getByText(name, { exact: true }).count(), 1, name)
    assert.deepEqual(faults, [])
  }
  const { page } = await opened(t)
  await arrive(page, '\u202e\u200b \u2066')
  await page.getByText('That is no name.').waitFor()
})

test('the code of an event that needs signing up leads there, and is carried over', async (t) => {
  const { page, faults } = await opened(t)
  await signIn(page, 'FEWSEATS26')
  await page.waitForURL('**/event/seats')
  assert.equal(await page.getByLabel('Event code').inputValue(), 'FEWSEATS26')
  await page.getByLabel('Your name or e-mail address').fill('Ann')
  await page.getByRole('button', { name: 'Sign up' }).click()
  await page.getByRole('link', { name: 'Open the playground' }).click()
  await inside(page)
  await page.getByRole('heading', { name: 'Few seats' }).waitFor()
  assert.deepEqual(faults, [])
})

test('a code with a name that needs signing up brings the name along', async (t) => {
  const { page } = await opened(t)
  await signIn(page, 'contoso26/ann@contoso.com')
  await page.waitForURL('**/event/contoso')
  assert.equal(await page.getByLabel(/E-mail address/).inputValue(), 'ann@contoso.com')
})

test('wrong codes are told why, and that of an event that has not begun', async (t) => {
  const { page, faults } = await opened(t)
  for (const [key, words] of [
    ['dem02026', 'This key or code is not known here.'],
    ['demo 2026', 'There is a space in it.'],
    ['dеmo2026', 'some look like others'],
    ['tge-short', 'this one has 9'],
    ['x'.repeat(10_000), 'not known here'],
    ['<script>alert(1)</script>', 'not known here'],
    ['tomorrow26', 'Tomorrow opens on'],
  ]) {
    await signIn(page, key)
    await page.getByText(words).waitFor()
  }
  await accessible(page, 'refused')
  assert.deepEqual(faults, [])
})

test('a key moves to a phone by a code that is good once', async (t) => {
  const { page, faults } = await opened(t)
  await arrive(page, 'Phoebe')
  await inside(page)
  const answer = page.waitForResponse('**/api/v1/door/ticket')
  await page.getByRole('button', { name: 'Use on your phone' }).click()
  const dialog = page.getByRole('dialog', { name: 'Use on your phone' })
  await dialog.getByRole('img', { name: 'QR code that signs in on another device' }).waitFor()
  await dialog.getByText(/Good once, for/).waitFor()
  await accessible(page, 'the QR code')
  const ticket = await (await answer).json()
  assert.equal(ticket.seconds, 120)
  assert.ok(!ticket.url.includes('tge-'))
  const phone = await opened(t, { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }, ticket.url)
  await phone.page.getByRole('heading', { name: 'Sign in on this device' }).waitFor()
  assert.equal(new URL(phone.page.url()).hash, '', 'the ticket does not stand in the address')
  await accessible(phone.page, 'a sign-in from another device')
  await phone.page.getByRole('button', { name: 'Sign in here' }).click()
  await inside(phone.page)
  assert.equal(await keyOf(phone.page), await keyOf(page))
  const thief = await opened(t, {}, ticket.url)
  await thief.page.getByRole('button', { name: 'Sign in here' }).click()
  await thief.page.getByText('This sign-in is no longer good.').waitFor()
  await thief.page.getByRole('button', { name: 'Sign in in another way' }).click()
  await thief.page.getByLabel('Event code or API key').waitFor()
  // Somebody else's link is left alone, and who was signed in before stays so.
  await phone.page.goto(ticket.url)
  await phone.page.getByRole('button', { name: 'No, leave it' }).click()
  await inside(phone.page)
  assert.equal(new URL(phone.page.url()).hash, '')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  assert.deepEqual([...faults, ...phone.faults, ...thief.faults], [])
})

test('the sign-up page keeps what was typed, asks for what the event takes, and gives programs that work', async (t) => {
  const { page, faults } = await opened(t, {}, `${url}event/contoso`)
  await page.getByLabel('Event code').fill('contoso99')
  await page.getByLabel('E-mail address (contoso.com)').fill('ann@contoso.com')
  await page.getByRole('button', { name: 'Sign up' }).click()
  await page.getByText('That is not the event').waitFor()
  assert.equal(await page.getByLabel('Event code').inputValue(), 'contoso99')
  await accessible(page, 'a wrong code')
  await page.getByLabel('Event code').fill('CONTOSO26')
  await page.getByRole('button', { name: 'Sign up' }).click()
  await page.getByRole('heading', { name: 'You are in' }).waitFor()
  await accessible(page, 'signed up')
  await picture(page, 'signup-page')
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  for (const [id, name, set] of [['python', 'Python', 'os.environ'], ['powershell', 'PowerShell', '$env:AZURE_OPENAI_API_KEY'], ['javascript', 'JavaScript', 'process.env'], ['bash', 'curl', 'export AZURE_OPENAI_API_KEY']]) {
    await page.getByText(name, { exact: true }).click()
    await page.getByText('Set your personal key first').and(page.locator(':visible')).waitFor()
    assert.ok((await page.locator('pre:visible').textContent()).includes(set), name)
    await page.getByRole('button', { name: 'Copy with my key' }).click()
    await page.getByText('Copied to the clipboard.').waitFor()
    const code = await page.evaluate(() => navigator.clipboard.readText())
    assert.match(code, /tge-[a-z2-7]{40}/)
    const packaged = id === 'python' || id === 'javascript'
    const why = await missing(id, packaged)
    if (why) {
      t.diagnostic(`${name}: ${why}`)
      continue
    }
    const { code: status, out, err } = await runProgram(id, code, {}, packaged)
    assert.ok(status === 0 && out.trim().length > 3 && !/data:|[{}]/.test(out), `${name}: ${status} ${out} ${err}`)
  }
  assert.deepEqual(faults, [])
})

test('the text of an event keeps its links, tasks and footnotes; a logo that fails leaves our mark', async (t) => {
  const markdown = 'Try the [playground](/) or [the terms](/event/text#terms).[^1]\n\n- [x] Laptop\n- [ ] Headset\n\n[^1]: Both are here.\n'
  const svg = `data:image/svg+xml;base64,${Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="120" height="36"><rect width="120" height="36" fill="teal"/></svg>').toString('base64')}`
  await make('text', { name: 'With a text', code: 'withatext26', markdown, logo: `${url.replace('http:', 'https:')}nothing.png` })
  await make('logo', { name: 'With a logo', code: 'withalogo26', logo: svg })
  const { page } = await opened(t, {}, `${url}event/text`)
  assert.equal(await page.getByRole('link', { name: 'playground' }).getAttribute('href'), '/')
  assert.equal(await page.getByRole('checkbox', { name: 'done' }).isChecked(), true)
  assert.equal(await page.getByRole('checkbox', { name: 'to do' }).isDisabled(), true)
  assert.equal(await page.getByRole('region', { name: 'About this event' }).getByRole('heading').count(), 0)
  await page.waitForFunction(() => document.querySelector('header img').className === 'mark' && document.querySelector('header img').naturalWidth > 0)
  await accessible(page, 'a text')
  await page.goto(`${url}event/logo`)
  await page.waitForFunction(() => document.querySelector('img.logo')?.naturalWidth === 120)
  await page.goto(url)
  await signIn(page, 'withalogo26')
  await page.getByLabel('Your name').fill('Ann')
  await page.getByRole('button', { name: 'Start' }).click()
  await inside(page)
  await page.waitForFunction(() => document.querySelector('header img').naturalWidth === 120)
})

for (const colorScheme of ['light', 'dark']) {
  for (const viewport of [{ width: 390, height: 844 }, { width: 1440, height: 900 }]) {
    test(`the door is accessible and fits, ${colorScheme}, ${viewport.width} px`, async (t) => {
      const { page, faults } = await opened(t, { colorScheme, viewport })
      await page.getByText('No code? Ask your host.').waitFor()
      await accessible(page, 'the door')
      await signIn(page, 'demo2026')
      await page.getByLabel('Your name').waitFor()
      await accessible(page, 'the name')
      const fits = async () => assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= viewport.width)
      await fits()
      await page.goto(`${url}event/demo-workshop`)
      await accessible(page, 'the sign-up page')
      await page.getByLabel('Event code').fill('demo2026')
      await page.getByLabel('Your name or e-mail address').fill(`${colorScheme} ${viewport.width}`)
      await page.getByRole('button', { name: 'Sign up' }).click()
      await page.getByRole('heading', { name: 'You are in' }).waitFor()
      await accessible(page, 'signed up')
      await fits()
      assert.deepEqual(faults, [])
    })
  }
}
