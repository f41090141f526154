// Each path as a person sees it: 1280 wide, 320 wide (a phone, or a page enlarged four times) and printed.
// Run by `tests/browser/run screenshots FOLDER PATH…`, once signed in and, with CLEARPICTURE_AS=nobody, not.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { open, person } from './lib.mjs'

const [folder, ...paths] = process.argv.slice(2)
await mkdir(folder, { recursive: true })

const role = process.env.CLEARPICTURE_AS
const as = role === 'nobody' ? undefined : person({ role })

for (const path of paths) {
  const name = path.replace(/^\/|\/$/g, '').replace(/[^A-Za-z0-9]+/g, '-') || 'home'
  for (const width of [1280, 320]) {
    test(`${path}, ${width} wide`, async (t) => {
      const page = await open(t, path, { as, width })
      await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true })
    })
  }
  test(`${path}, printed`, async (t) => {
    const page = await open(t, path, { as })
    await page.pdf({ path: join(folder, `${name}.pdf`), format: 'A4', printBackground: true, preferCSSPageSize: true })
  })
}
