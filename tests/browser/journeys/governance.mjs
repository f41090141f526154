// Who may see, and who has looked: breaking the glass, barring, and what the information governance lead sees of it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heading, isSound, open, person, says, saysWhatIsWrong } from '../lib.mjs'

const lead = person({ role: 'information-governance' })

test('the glass is broken, seen and listed', async (t) => {
  const page = await open(t, '/people', { as: person({ role: 'practitioner' }) })
  await page.getByRole('link', { name: /^Ask to see the record of Grace Adeyemi/ }).click()
  await isSound(page)
  await page.getByRole('button', { name: 'Open it for three hours' }).click()
  await saysWhatIsWrong(page)
  await page.getByLabel('Why do you need it now?').fill('A child is missing and the desk does not answer.')
  await page.getByRole('button', { name: 'Open it for three hours' }).click()
  await heading(page, 'Grace Adeyemi')
  await isSound(page)
  await page.getByRole('link', { name: 'Who has looked' }).click()
  await says(page, 'broke the glass')
  await isSound(page)
  await page.goto('/account')
  await page.getByRole('link', { name: 'The times I broke the glass' }).click()
  await says(page, 'the desk does not answer')
  await isSound(page)

  const theirs = await open(t, '/governance', { as: lead })
  await isSound(theirs)
  await theirs.getByRole('link', { name: 'Who broke the glass' }).click()
  await says(theirs, 'the desk does not answer')
  await isSound(theirs)
})

test('for a barred person the record is not there', async (t) => {
  const barred = person({ role: 'manager', agency: 'northwater-police' })
  const colleague = 'Tomasz Zieliński'
  const page = await open(t, '/people', { as: barred })
  await page.getByRole('link', { name: colleague }).click()
  const record = new URL(page.url()).pathname

  const theirs = await open(t, '/bars', { as: lead })
  await theirs.getByRole('link', { name: 'Bar a person from a record' }).click()
  await says(theirs, 'A bar begins at the record.')
  await isSound(theirs)
  await theirs.goto(record)
  await theirs.getByRole('link', { name: 'Who has looked' }).click()
  await theirs.getByRole('link', { name: 'Bar somebody from it' }).click()
  await isSound(theirs)
  await theirs.getByRole('button', { name: 'Look in the directory' }).click()
  await saysWhatIsWrong(theirs)
  await theirs.getByLabel('Who is to be barred?').fill('Nobody of this name')
  await theirs.getByRole('button', { name: 'Look in the directory' }).click()
  await says(theirs, 'Nobody in the directory is called so')
  await isSound(theirs)
  await theirs.getByLabel('Who is to be barred?').fill(barred.email)
  await theirs.getByRole('button', { name: 'Look in the directory' }).click()
  await isSound(theirs)
  await theirs.getByRole('button', { name: 'Bar this person' }).click()
  await saysWhatIsWrong(theirs)
  await theirs.getByRole('radio').first().check()
  await theirs.getByLabel('Why?').fill('They are a relative.')
  await theirs.getByRole('button', { name: 'Bar this person' }).click()
  await says(theirs, 'in force')
  await isSound(theirs)

  assert.equal((await page.goto(record)).status(), 404)
  await isSound(page)
  await page.goto('/people')
  assert.equal(await page.getByText(colleague).count(), 0, 'a barred person finds no name either')

  await theirs.getByRole('link', { name: /^Lift/ }).click()
  await isSound(theirs)
  await theirs.getByRole('button', { name: 'Lift the bar' }).click()
  await saysWhatIsWrong(theirs)
  await theirs.getByLabel('Why is it lifted?').fill('They moved to another team.')
  await theirs.getByRole('button', { name: 'Lift the bar' }).click()
  await says(theirs, 'lifted')
  assert.equal((await page.goto(record)).status(), 200)
})

test('a bar begins on the picture of a child', async (t) => {
  const page = await open(t, '/children', { as: lead })
  await page.getByLabel('Name').fill('hall megan')
  await page.getByRole('button', { name: 'Find' }).click()
  await page.getByRole('link', { name: /Hall/ }).first().click()
  await page.getByRole('link', { name: 'Bar somebody' }).click()
  await says(page, 'Hall, born')
  await isSound(page)
})

test('an auditor reads what governance keeps, and changes nothing', async (t) => {
  const page = await open(t, '/governance', { as: person({ role: 'auditor' }) })
  for (const name of ['Who broke the glass', 'Bars', 'Look-ups', 'Breach assessments', 'Seals', 'Record of processing']) {
    await page.getByRole('link', { name, exact: true }).click()
    await isSound(page)
    assert.equal(await page.getByRole('link', { name: /^(Lift|Decide|Bar a person)/ }).count(), 0, name)
    await page.goBack()
  }
})

test('the lead sees all that one person opened', async (t) => {
  const page = await open(t, '/people', { as: lead })
  await page.getByRole('link', { name: 'Grace Adeyemi' }).click()
  await page.getByRole('link', { name: 'All that this person opened' }).click()
  await heading(page, 'All that this person opened')
  await isSound(page)
})

test('the weekly sample says when there is nothing to decide', async (t) => {
  const page = await open(t, '/look-ups', { as: lead })
  await says(page, 'nothing to decide')
  await isSound(page)
  await page.getByRole('link', { name: 'The week before' }).click()
  await isSound(page)
})

test('a purpose is chosen, and stands on every page', async (t) => {
  const page = await open(t, '/', { as: lead })
  await page.getByRole('link', { name: 'change what you are here for' }).click()
  await isSound(page)
  await page.getByLabel('An allegation against a member of staff').check()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.goto('/feeds')
  await says(page, 'You are here for an allegation against a member of staff')
})

test('what may not be done is refused with a way on', async (t) => {
  const page = await open(t, '/', { as: person({ role: 'practitioner' }) })
  for (const [path, status] of [['/jobs', 403], ['/nowhere', 404], ['/people/worker_00000000000000000000000000', 404]]) {
    assert.equal((await page.goto(path)).status(), status, path)
    assert.ok((await page.locator('main').getByRole('link').count()) > 0, `${path} names no way on`)
    await isSound(page)
  }
})

test('jobs say what the server does by itself', async (t) => {
  const page = await open(t, '/jobs', { as: person({ role: 'administrator' }) })
  await says(page, 'Seal history')
  await isSound(page)
})
