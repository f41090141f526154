// A person signs in, sees the home page and signs out: as it is meant, without JavaScript, and on a small screen.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitsItsWindow, isAccessible, open, people, signIn, signOut } from '../lib.mjs'

const windows = [
  { name: 'with JavaScript', javaScript: true },
  { name: 'without JavaScript', javaScript: false },
  { name: '320 wide', width: 320 },
]

for (const [nth, { name, ...window }] of windows.entries()) {
  test(`signing in and out ${name}`, async (t) => {
    const page = await open(t, '/sign-in', window)
    await isAccessible(page)
    await fitsItsWindow(page)

    await signIn(page, people[nth])
    assert.equal(await page.locator('h1').count(), 1, 'a page has one heading of the first level')
    await isAccessible(page)
    await fitsItsWindow(page)

    await signOut(page)
    await page.goto('/')
    assert.equal(new URL(page.url()).pathname, '/sign-in', 'after signing out, the home page asks to sign in')
  })
}

test('a wrong code is refused with a way on', async (t) => {
  const page = await open(t, '/sign-in')
  await page.locator('[name=email]').fill(people[0].email)
  await page.locator('[name=password]').fill(people[0].password)
  await page.locator('[name=password]').press('Enter')
  await page.waitForURL(/\/sign-in\/code/)
  await page.locator('[name=code]').fill('not a code')
  await page.locator('[name=code]').press('Enter')
  await page.locator('.govuk-error-summary').waitFor()
  assert.match(page.url(), /\/sign-in\/code/)
  await isAccessible(page)
})
