// The pictures of the README: what a demonstration says of the files that it took in, the page of files, and the child
// whom most agencies know. Run by scripts/pictures.sh, as `tests/browser/run pictures FOLDER` with CLEARPICTURE_WITH.

import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { open, person } from './lib.mjs'
import { inFewColours } from './palette.mjs'

const [folder] = process.argv.slice(2)
await mkdir(folder, { recursive: true })
const log = await readFile(join(process.env.CLEARPICTURE_SCRATCH, 'server.log'), 'utf8')

/** Keeps a picture, small enough for a page that many open. */
const keep = (name, png) => writeFile(join(folder, `${name}.png`), inFewColours(png))

/** What the terminal shows from one line on, up to another. */
function said(from, until) {
  const start = log.indexOf(`\n${from}`)
  const end = log.indexOf(`\n${until}`, start)
  assert(start >= 0 && end > start, `the demonstration does not say “${from}”`)
  return log.slice(start + 1, end)
}

test('what came of the files, as the terminal shows it', async (t) => {
  const table = said('Taken in', 'Found in')
  const linked = said('Linked:', "A child's picture")
  const page = await open(t, 'about:blank', { width: 1240 })
  await page.evaluate((text) => {
    const words = document.createElement('pre')
    words.textContent = text
    words.style = 'margin: 0; padding: 16px; background: #101418; color: #e8eaed; font: 14px/1.45 monospace; white-space: pre-wrap'
    document.body.style = 'margin: 0'
    document.body.append(words)
  }, `${table.trimEnd()}\n\n${linked.trimEnd()}`)
  await keep('summary', await page.locator('pre').screenshot())
})

test('the page of files', async (t) => {
  const page = await open(t, '/loads', { as: person({ role: 'analyst' }), width: 1000, height: 720 })
  await keep('files', await page.screenshot())
})

test("the child's picture", async (t) => {
  const [, path] = /A child's picture: \S*?(\/children\/\w+)/.exec(log)
  const page = await open(t, path, { as: person({ role: 'practitioner' }), width: 1000, height: 1300 })
  await keep('child', await page.screenshot())
})
