// An administrator adds an agency and a team, and changes both.

import { test } from 'node:test'
import { heading, isSound, open, person, says, saysWhatIsWrong } from '../lib.mjs'

test('an agency and its team are kept', async (t) => {
  const page = await open(t, '/agencies', { as: person({ role: 'administrator' }) })
  await isSound(page)
  await page.getByRole('link', { name: 'Add an agency' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await saysWhatIsWrong(page)
  await page.getByLabel('Name').fill('Harbour Youth Service')
  await page.getByLabel('Code').fill('harbour')
  await page.getByLabel('Duty number').fill('01632 960199')
  await page.getByLabel('Charity or voluntary').check()
  await page.getByRole('button', { name: 'Save' }).click()
  await heading(page, 'Harbour Youth Service')
  await says(page, 'No team is recorded yet.')
  await isSound(page)

  await page.getByRole('link', { name: 'Add a team' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await saysWhatIsWrong(page)
  await page.getByLabel('Name').fill('Detached work')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('link', { name: 'Change Detached work' }).click()
  await isSound(page)
  await page.getByLabel('Name').fill('Street work')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('link', { name: 'History of Street work' }).click()
  await says(page, 'Detached work')
  await isSound(page)

  await page.getByRole('link', { name: 'Agencies' }).first().click()
  await page.getByRole('link', { name: 'Harbour Youth Service' }).click()
  await page.getByRole('link', { name: 'Change', exact: true }).click()
  await page.getByLabel('No longer').check()
  await page.getByRole('button', { name: 'Save' }).click()
  await saysWhatIsWrong(page) // it asks why
  await page.getByLabel('Reason').fill('It closed at the end of its grant.')
  await page.getByRole('button', { name: 'Save' }).click()
  await says(page, 'no longer takes part')
  await isSound(page)
})
