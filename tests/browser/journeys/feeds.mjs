// The feed register: found, added, changed, and what happened to it; with JavaScript and, as a whole, without.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heading, isSound, open, person, says, saysWhatIsWrong } from '../lib.mjs'

const analyst = person({ role: 'analyst' })
const colleague = person({ role: 'analyst', nth: 1 })

for (const javaScript of [true, false]) {
  const how = javaScript ? 'with JavaScript' : 'without JavaScript'
  const name = `Contacts ${how}`

  test(`a feed is kept ${how}`, async (t) => {
    const page = await open(t, '/feeds', { as: analyst, javaScript })
    await isSound(page)
    await page.getByRole('link', { name: 'Add a feed' }).click()
    await isSound(page)
    await page.getByRole('button', { name: 'Save' }).click()
    await saysWhatIsWrong(page)
    await fill(page, name)
    await page.getByRole('button', { name: 'Save' }).click()
    await heading(page, name)
    await isSound(page)

    await page.getByRole('link', { name: 'Change' }).click()
    await isSound(page)
    await page.getByLabel('Who in the agency answers for it?').fill('Head of contacts')
    await page.getByRole('button', { name: 'Save' }).click()
    await says(page, 'The register was changed.')
    await says(page, 'Head of contacts')

    await page.getByRole('link', { name: 'Record what happened' }).click()
    await isSound(page)
    await page.getByRole('button', { name: 'Record it' }).click()
    await saysWhatIsWrong(page)
    await page.getByLabel('It was refused').check()
    await page.getByLabel('Why?').fill('No agreement is signed yet.')
    await day(page, new Date())
    await page.getByRole('button', { name: 'Record it' }).click()
    await says(page, 'What happened was recorded.')
    await says(page, 'No agreement is signed yet.')
    await isSound(page)

    await page.getByRole('link', { name: 'History' }).click()
    await heading(page, `History of ${name}`)
    await says(page, '3 changes')
    await isSound(page)

    await page.goto('/feeds')
    if (!(await page.getByLabel('State').isVisible())) await page.getByText('Choose what to show').click()
    await page.getByLabel('State').selectOption('Refused')
    await page.getByRole('button', { name: 'Show these' }).click()
    await page.getByRole('link', { name }).waitFor()
    await isSound(page)
    await page.getByLabel('Agency').selectOption('Partnership Office')
    await page.getByLabel('State').selectOption('Connected')
    await page.getByRole('button', { name: 'Show these' }).click()
    await says(page, 'No feed fits what you chose')
    await isSound(page)
  })
}

test('two people change one feed, and nothing is lost', async (t) => {
  const first = await open(t, '/feeds/new', { as: analyst })
  await fill(first, 'Shared feed')
  await first.getByRole('button', { name: 'Save' }).click()
  await heading(first, 'Shared feed')
  const second = await open(t, new URL(first.url()).pathname, { as: colleague })
  for (const page of [first, second]) await page.getByRole('link', { name: 'Change' }).click()

  await first.getByLabel('Who are the controllers?').fill('The first one’s words')
  await first.getByRole('button', { name: 'Save' }).click()
  await says(first, 'The register was changed.')
  await second.getByLabel('Who are the controllers?').fill('The second one’s words')
  await second.getByRole('button', { name: 'Save' }).click()

  await second.getByRole('alert').filter({ hasText: 'nothing is lost' }).waitFor()
  const saved = second.getByRole('row', { name: /Controllers/ })
  assert.match(await saved.innerText(), /The second one’s words\s+The first one’s words/)
  await isSound(second)
  await second.getByRole('button', { name: 'Save' }).click()
  await says(second, 'The register was changed.')
  await says(second, 'The second one’s words')
})

async function fill(page, name) {
  await page.getByLabel('What is it called?').fill(name)
  await page.getByLabel('What does it hold, about whom?').fill('Every contact about a child, by month.')
  await page.getByLabel('Who in the agency answers for it?').fill('Data manager')
  await page.getByLabel('Not settled yet').check()
  await page.getByLabel('Who are the controllers?').fill('The agency')
  await page.getByLabel('Every month').check()
}

async function day(page, now) {
  const london = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London' }).formatToParts(now)
  for (const { type, value } of london) {
    if (type !== 'literal') await page.locator(`[name=${type}]`).fill(value)
  }
}
