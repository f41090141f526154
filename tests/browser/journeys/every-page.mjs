// Every page that each role can reach by links: sound on a phone, whole on paper. The other journeys see them on a desk.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSound, open, people, person } from '../lib.mjs'
import { walk } from '../walk.mjs'

for (const role of new Set(people.map((one) => one.role))) {
  const as = person({ role })
  test(`every page of the ${role}`, async (t) => {
    const page = await open(t, '/', { as, width: 320 })
    const kinds = await walk(page, async () => {
      if (await isSound(page)) await isWholeOnPaper(page)
    })
    // A menu that leads nowhere would make this test of nothing.
    assert.ok(kinds.length > 10, `only ${kinds.join(' ')}`)
  })
}

/** Printed, the page says who printed it, when and for what; what only serves to get about is gone. */
async function isWholeOnPaper(page) {
  await page.emulateMedia({ media: 'print' })
  const line = page.locator('.cp-print-line')
  assert.ok(await line.isVisible(), `${page.url()} does not say on paper who printed it`)
  assert.match(await line.innerText(), /Printed by \S.*\d{4}, \d\d:\d\d\..* For \S/s)
  for (const gone of ['.cp-nav', '.cp-header', '.govuk-breadcrumbs', '.cp-actions', '.moj-filter']) {
    for (const one of await page.locator(gone).all()) assert.ok(!(await one.isVisible()), `${page.url()} prints ${gone}`)
  }
  // A4 less its margins is 688 px wide.
  const view = page.viewportSize()
  await page.setViewportSize({ width: 688, height: view.height })
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  assert.ok(width <= 688, `${page.url()} is ${width} px wide on paper that has 688`)
  await page.setViewportSize(view)
  await page.emulateMedia({ media: 'screen' })
}
