// By keyboard alone: the focus is seen, is never lost, goes in the order of the page, and a whole task can be done.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { open, person } from '../lib.mjs'

const analyst = person({ role: 'analyst' })
const administrator = person({ role: 'administrator' })

const pages = [
  ['/sign-in', undefined],
  ['/', administrator],
  ['/feeds', analyst],
  ['/feeds/new', analyst],
  ['/people', administrator],
  ['/people/new', administrator],
  ['/access', administrator],
  ['/account', analyst],
  ['/jobs', administrator],
  ['/governance', person({ role: 'information-governance' })],
]

for (const [path, as] of pages) {
  test(`the focus on ${path}`, async (t) => {
    const page = await open(t, path, { as })
    await page.keyboard.press('Tab')
    const skip = await focus(page)
    assert.equal(skip.words, 'Skip to main content')
    assert.ok(skip.seen, 'the skip link is hidden while it has the focus')

    const inOrder = await page.evaluate(() => {
      const all = document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')
      const reached = [...all].filter((one) => one.checkVisibility() && one.type !== 'hidden' && !one.disabled)
      // Of a group of radio buttons with nothing chosen the first is reached.
      const first = (one) => one.type !== 'radio' || one === document.querySelector(`[name="${one.name}"]`)
      reached.filter(first).forEach((one, nth) => (one.dataset.nth = nth))
      return reached.filter(first).length
    })
    for (let nth = 1; nth < inOrder; nth += 1) {
      await page.keyboard.press('Tab')
      const at = await focus(page)
      assert.equal(at.nth, String(nth), `${path}: the focus is at “${at.words}” out of the order of the page`)
      assert.ok(at.seen, `${path}: nothing shows that “${at.words}” has the focus`)
    }
  })
}

test('the skip link leads past the menu', async (t) => {
  const page = await open(t, '/feeds', { as: analyst })
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  assert.ok(await page.evaluate(() => document.activeElement.closest('main')), 'the next stop is not in the page itself')
})

test('a feed is added without a mouse', async (t) => {
  const page = await open(t, '/feeds', { as: analyst })
  await tabTo(page, 'Add a feed')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/feeds/new')

  await tabTo(page, 'Save')
  await page.keyboard.press('Enter')
  await page.locator('.govuk-error-summary').waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  assert.equal((await focus(page)).id, 'name', 'the first error leads to its field')

  await page.keyboard.type('Counts by keyboard')
  await page.keyboard.press('Tab')
  await page.keyboard.type('Counts of contacts, by month.')
  await page.keyboard.press('Tab')
  await page.keyboard.type('Data manager')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Tab')
  await page.keyboard.type('The agency')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Counts by keyboard' }).waitFor()
})

/** Presses Tab until the focus is on what says `words`. */
async function tabTo(page, words) {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab')
    if ((await focus(page)).words === words) return
  }
  assert.fail(`“${words}” cannot be reached with Tab on ${page.url()}`)
}

/** Where the focus is, and whether it can be seen there. */
function focus(page) {
  return page.evaluate(() => {
    const one = document.activeElement
    const { x, y, width, height } = one.getBoundingClientRect()
    const inside = x + width > 0 && y + height > 0 && y < innerHeight && width > 1 && height > 1
    // A radio button or a box to tick is drawn by what stands after its label's opening.
    const drawn = [getComputedStyle(one)]
    const label = one.labels?.[0]
    if (label) drawn.push(getComputedStyle(label, '::before'))
    const marked = drawn.some(
      ({ outlineStyle, outlineWidth, boxShadow }) =>
        (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none',
    )
    return { id: one.id, nth: one.dataset.nth, words: (one.innerText || one.value || '').trim(), seen: inside && marked }
  })
}
