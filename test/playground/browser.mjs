// Opens pages for the tests: a browser, a mock or the demo, and a watch over what
// no page may do: break its policy, throw, or load anything from elsewhere.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium } from 'playwright-core'
import { startMock } from './mock.mjs'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Starts Chromium: the one that CHROMIUM names, or the system's. */
export function launch() {
  const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => p && existsSync(p))
  assert.ok(executablePath, 'no Chromium found: install it, or name it in CHROMIUM')
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

/** Opens a page that is watched; `faults` lists what it did wrong. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB', timezoneId: 'Europe/Oslo', ...options })
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  const faults = []
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`)))
  page.on('console', (m) => m.type() === 'error' && !/Failed to load resource/.test(m.text()) && faults.push(m.text()))
  page.on('pageerror', (e) => faults.push(String(e)))
  page.on('request', (r) => !/^(data|blob):/.test(r.url()) && !r.url().startsWith(url) && faults.push(`asked elsewhere: ${r.url()}`))
  page.on('request', (r) => /good-code|tg-demo-key|oslo2026/.test(r.url()) && faults.push(`key in a URL: ${r.url()}`))
  await page.goto(url)
  return { page, faults, close: () => context.close() }
}

/** Opens a page on a fresh mock and signs in; everything closes at the end of the test. */
export async function signedIn(t, browser, { mock: mockOptions, key = 'good-code', ...options } = {}) {
  const mock = await startMock(mockOptions)
  t.after(() => mock.stop())
  const opened = await open(browser, mock.url, options)
  t.after(() => opened.close())
  await signIn(opened.page, key)
  await opened.page.getByLabel('Your message').waitFor()
  return { ...opened, mock }
}

export async function signIn(page, key) {
  await page.getByLabel('Event code or API key').fill(key)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

export async function send(page, text) {
  await page.getByLabel('Your message').fill(text)
  await page.getByRole('button', { name: 'Send', exact: true }).click()
}

/** Waits until the last answer is whole. */
export async function answered(page) {
  await page.getByRole('button', { name: 'Stop', exact: true }).waitFor({ state: 'detached' })
}

/** The chat's messages. */
export const log = (page) => page.getByRole('log')

export const answers = (page) => page.getByRole('article', { name: 'Assistant' })

/** Writes a picture for the docs, when PICTURES is set: they show the time, so each run's differ. */
export async function picture(page, name) {
  if (process.env.PICTURES) await page.screenshot({ path: `${root}/docs/${name}.png` })
}

/** Fails on what axe calls serious or critical. */
export async function accessible(page, where) {
  // What is half faded in has half its contrast.
  await page.evaluate(() => Promise.all(document.getAnimations().filter((a) => a.effect?.getTiming().iterations !== Infinity).map((a) => a.finished.catch(() => undefined))))
  // Fluent's focus management puts invisible stops around its groups, which pass the
  // focus on the moment they get it; nobody ever stays on one.
  const { violations } = await new AxeBuilder({ page }).exclude('[data-tabster-dummy]').analyze()
  const grave = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')
  assert.deepEqual(grave.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).slice(0, 3).join('; ')}`), [], where)
}

/** Starts the demo of bin/tallygate, or of what TALLYGATE names, on free ports. */
export function startDemo() {
  const demo = spawn(process.env.TALLYGATE ?? `${root}/bin/tallygate`, ['demo', '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'])
  let said = ''
  const url = new Promise((done, failed) => {
    const hear = (bytes) => {
      said += bytes
      const found = /endpoint\s+(http:\/\/\S+)/.exec(said)
      if (found) done(`${found[1].replace(/\/$/, '')}/`)
    }
    demo.stdout.on('data', hear)
    demo.stderr.on('data', hear)
    demo.on('error', failed)
    demo.on('exit', (code) => failed(new Error(`the demo stopped with ${code}: ${said}`)))
  })
  const stop = () => {
    demo.removeAllListeners('exit')
    const gone = new Promise((done) => demo.on('exit', done))
    demo.kill()
    return gone
  }
  /** Where the operator asks, with the key tg-demo-admin. */
  const admin = url.then(() => /admin\s+(http:\/\/\S+)/.exec(said)?.[1] ?? assert.fail(said))
  return { url, admin, stop }
}
