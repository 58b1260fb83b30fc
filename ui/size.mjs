// Fails when what a first visit loads is over its budget: the page, and the
// scripts and styles that it names itself. Parts loaded on demand do not count.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const budget = 300 * 1024
const dist = new URL('../internal/web/dist/', import.meta.url)
const page = readFileSync(new URL('index.html', dist))
const names = [...page.toString().matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((m) => m[1])
let total = gzipSync(page, { level: 9 }).length
for (const name of new Set(names)) {
  total += gzipSync(readFileSync(new URL(name, dist)), { level: 9 }).length
}
const kb = (n) => `${(n / 1024).toFixed(1)} KB`
console.log(`first load: ${kb(total)} of ${kb(budget)} gzip, ${new Set(names).size + 1} files`)
if (names.length === 0) throw new Error('the page names no assets: the build has changed its shape')
if (total > budget) {
  console.error('the playground has grown over its budget: load something lazily')
  process.exit(1)
}
