// Measures the built page in Chromium, against the mock, and prints:
//   the first load (gzip), as ui/size.mjs counts it;
//   frames a second while an answer of 100 KB comes, at 10 KB a second, which is
//   some 2,500 tokens, and as fast as the mock sends;
//   from a key or a click to the next paint, with 200 chats kept.
// Figures are of this machine as busy as it is: the load is printed with them, and on
// one with more to do than cores they tell of that. Run it by `npm run measure`.
import { execFileSync } from 'node:child_process'
import { availableParallelism, loadavg } from 'node:os'
import { longAnswer } from './answers.mjs'
import { answered, answers, launch, root, send, signedIn } from './browser.mjs'

const keptChats = 200

const browser = await launch()
const ends = []
const t = { after: (end) => ends.push(end) }
try {
  process.stdout.write(execFileSync('node', [`${root}/ui/size.mjs`]))
  print(await frames('paced'))
  print(await frames('long'))
  print(await interactions())
} finally {
  for (const end of ends.reverse()) await end()
  await browser.close()
}

/** Counts the frames that are drawn from the first words to the last. */
async function frames(scene) {
  const { page } = await signedIn(t, browser)
  await send(page, scene)
  await answers(page).getByRole('heading', { name: 'Part 1', exact: true }).waitFor()
  const counted = await page.evaluate(
    () =>
      new Promise((done) => {
        const at = []
        const comes = () => document.querySelector('article[aria-busy=true]') !== null
        const frame = (now) => {
          at.push(now)
          if (comes()) requestAnimationFrame(frame)
          else done(at)
        }
        requestAnimationFrame(frame)
      }),
  )
  const gaps = counted.slice(1).map((now, i) => now - counted[i])
  const seconds = (counted.at(-1) - counted[0]) / 1000
  const halts = gaps.filter((g) => g > 50).length
  return `an answer of ${Math.round(longAnswer.length / 1024)} KB in ${seconds.toFixed(1)} s: ${(gaps.length / seconds).toFixed(1)} frames a second, ${halts} of ${gaps.length} later than 50 ms, the latest after ${Math.max(...gaps).toFixed(0)} ms`
}

/** Types, searches and opens chats where many are kept, and takes the time to each paint. */
async function interactions() {
  const { page } = await signedIn(t, browser)
  await send(page, 'Why is the sky blue?')
  await answered(page)
  await page.waitForTimeout(1500)
  await page.evaluate(keepMore, keptChats)
  await page.reload()
  await page.getByLabel('Your message').waitFor()
  await page.getByRole('tab', { name: /^Chats/ }).click()
  await page.getByRole('searchbox').waitFor()
  await page.waitForTimeout(1000)
  await page.evaluate(() => {
    // Headless Chromium may leave out frames, for seconds: an event is reported at the paint
    // that follows it, so each is counted with the act in which it began, or not at all.
    const ask = () => requestAnimationFrame(ask)
    ask()
    window.paints = []
    new PerformanceObserver((l) => window.paints.push(...l.getEntries().filter((e) => e.interactionId))).observe({ type: 'event', durationThreshold: 16, buffered: false })
  })
  const told = []
  for (const [what, act] of [
    ['typing', () => page.getByLabel('Your message').pressSequentially('How does it work?', { delay: 60 })],
    ['searching', () => page.getByRole('searchbox').pressSequentially('chat 17', { delay: 120 })],
    ['opening a chat', () => page.getByRole('button', { name: /^Kept chat 17[1-3]/ }).first().click()],
  ]) {
    await page.evaluate(() => void (window.from = performance.now()))
    await act()
    await page.waitForTimeout(1500)
    const took = (await page.evaluate(() => window.paints.filter((e) => e.startTime >= window.from).map((e) => e.duration))).sort((a, b) => a - b)
    told.push(took.length > 0 ? `${what} ${took[took.length >> 1]} (at most ${took.at(-1)}, ${took.length} events) ms` : `${what} under 16 ms`)
  }
  return `to the next paint with ${keptChats} chats kept: ${told.join(', ')}`
}

/** Within the page: keeps copies of its one chat. */
function keepMore(count) {
  return new Promise((done, failed) => {
    const opened = indexedDB.open('tallygate', 1)
    opened.onerror = () => failed(opened.error)
    opened.onsuccess = () => {
      const t = opened.result.transaction('chats', 'readwrite')
      const rows = t.objectStore('chats')
      rows.getAll().onsuccess = ({ target: { result } }) => {
        const row = result.find((r) => r.chat.turns.length > 0)
        for (let i = 1; i < count; i++) {
          const id = `kept-${i}`
          const changed = Date.now() - i * 3_600_000
          rows.put({ ...row, key: `${row.owner}\n${id}`, at: changed, chat: { ...row.chat, id, name: `Kept chat ${i}`, changed } })
        }
      }
      t.oncomplete = () => done()
      t.onabort = () => failed(t.error)
    }
  })
}

function print(line) {
  console.log(`${line} (load ${loadavg()[0].toFixed(1)} on ${availableParallelism()} cores)`)
}
