// A newcomer: added, given a code, sets up their own sign-in, is given another role, and leaves.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeNow, heading, isSound, open, person, says, saysWhatIsWrong } from '../lib.mjs'

test('a newcomer comes and goes', async (t) => {
  const page = await open(t, '/people', { as: person({ role: 'administrator' }) })
  await isSound(page)
  await page.getByRole('link', { name: 'Add a person' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await saysWhatIsWrong(page)
  await page.getByLabel('Name').fill('Odile Marchetti')
  await page.getByLabel('Work e-mail').fill('odile.marchetti@northwater-council.example')
  await page.getByLabel('Practitioner').check()
  await page.getByRole('button', { name: 'Save' }).click()
  await heading(page, 'Odile Marchetti')
  await isSound(page)
  const record = page.url()

  await page.getByRole('link', { name: 'Set up or recover sign-in' }).click()
  await isSound(page)
  await page.getByRole('button', { name: 'Give out a set-up code' }).click()
  await isSound(page)
  const given = await page.getByText(/^\w{4}-\w{4}-\w{4}-\w{4}$/).innerText()

  const theirs = await open(t, '/set-up')
  await isSound(theirs)
  await theirs.getByRole('button', { name: 'Continue' }).click()
  await saysWhatIsWrong(theirs)
  const password = 'gannet marble kettle orchid'
  await theirs.getByLabel('Work e-mail address').fill('odile.marchetti@northwater-council.example')
  await theirs.getByLabel('Set-up code').fill(given)
  await theirs.getByLabel('Choose a password').fill(password)
  await theirs.getByLabel('The password once more').fill(password)
  await theirs.getByRole('button', { name: 'Continue' }).click()
  await heading(theirs, 'Set up your code device')
  await isSound(theirs)
  const secret = (await theirs.locator('main strong').first().innerText()).replace(/\s/g, '')
  await theirs.locator('[name=code]').fill(codeNow(secret))
  await theirs.getByRole('button', { name: 'Finish and sign in' }).click()
  await heading(theirs, 'Home')
  await says(theirs, 'you cannot see records about people') // neither vetting nor training is recorded
  await isSound(theirs)

  await page.goto(record)
  await page.getByRole('link', { name: 'Change' }).click()
  await isSound(page)
  await page.getByLabel('Manager').check()
  await page.getByRole('button', { name: 'Save' }).click()
  await saysWhatIsWrong(page) // it asks why
  await page.getByLabel('Reason').fill('Leads the team from today.')
  await page.getByRole('button', { name: 'Save' }).click()
  await says(page, 'Practitioner, Manager')

  await page.getByRole('link', { name: 'Change' }).click()
  await page.getByLabel('No', { exact: true }).check()
  await page.getByLabel('Reason').fill('Left the council.')
  await page.getByRole('button', { name: 'Save' }).click()
  await says(page, 'May not sign in')
  await isSound(page)
  await theirs.goto('/feeds')
  assert.match(theirs.url(), /\/sign-in/, 'whoever may not sign in is out at once')
})

test('a lost device is recovered by two', async (t) => {
  const [one, two] = ['administrator', 'manager'].map((role) => person({ role, agency: 'northwater-council' }))
  const page = await open(t, '/people', { as: one })
  await page.getByRole('link', { name: 'Callum Beck' }).click()
  await page.getByRole('link', { name: 'Set up or recover sign-in' }).click()
  await page.getByRole('button', { name: 'Ask for the recovery' }).click()
  await saysWhatIsWrong(page)
  await page.getByLabel('Why does it have to be recovered?').fill('The telephone with the codes was lost.')
  await page.getByRole('button', { name: 'Ask for the recovery' }).click()
  await says(page, 'A recovery waits for a second person')
  await isSound(page)

  const second = await open(t, new URL(page.url()).pathname, { as: two })
  await isSound(second)
  await second.getByLabel('How do you know it is them?').fill('I sat beside him this morning.')
  await second.getByRole('button', { name: 'Confirm the recovery' }).click()
  await says(second, 'It is shown only now')
  await isSound(second)
})

test('a password is changed', async (t) => {
  const as = person({ role: 'information-governance', nth: 1 })
  const page = await open(t, '/account', { as })
  await isSound(page)
  await page.getByRole('button', { name: 'Change password' }).click()
  await saysWhatIsWrong(page)
  const password = 'walnut ferry candle tuba'
  await page.getByLabel('Your password now').fill(as.password)
  await page.getByLabel('New password', { exact: true }).fill(password)
  await page.getByLabel('New password once more').fill(password)
  await page.getByRole('button', { name: 'Change password' }).click()
  await page.getByRole('status').waitFor()
  await isSound(page)
  await page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await heading(page, 'Sign in')
})
