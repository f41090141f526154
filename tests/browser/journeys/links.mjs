// A manager works through the pairs that linkage could not decide: reads one, decides, and takes it back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heading, isSound, open, person, says, saysWhatIsWrong } from '../lib.mjs'

const shots = process.env.CLEARPICTURE_SHOTS
const shot = async (page, name) => {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
}

const pairs = (page) => page.getByRole('table', { name: 'Pairs that wait' }).getByRole('rowheader').getByRole('link')

test('a pair is read, decided and taken back', async (t) => {
  const page = await open(t, '/links', { as: person({ role: 'manager' }) })
  await heading(page, 'Links to check')
  await isSound(page)
  await shot(page, 'links')
  const waiting = await pairs(page).count()
  assert(waiting > 0, 'the demonstration has pairs in doubt')
  await pairs(page).first().click()
  await heading(page, 'Are these one child?')
  await isSound(page)
  await shot(page, 'pair')
  await page.getByRole('button', { name: 'Decide' }).click()
  await saysWhatIsWrong(page)
  await isSound(page)
  await shot(page, 'pair-refused')
  await page.getByLabel('They are one child').check()
  await page.getByLabel('Certain: asked, or seen on paper').check()
  await page.getByLabel('Why, or what you ask').fill('Both agencies were rung: it is one child.')
  await page.getByRole('button', { name: 'Decide' }).click()
  await says(page, 'They are one child, and no run will part them')
  await says(page, 'Both agencies were rung')
  await isSound(page)
  await shot(page, 'pair-decided')
  const decided = page.url()
  await page.goto('/links')
  await says(page, 'Links to check')
  assert.equal(await pairs(page).count(), waiting - 1, 'what was decided waits no more')
  await page.goto(decided)
  await page.getByLabel('Why it is taken back').fill('The wrong child was asked about.')
  await page.getByRole('button', { name: 'Take it back' }).click()
  await says(page, 'What was decided is taken back')
  await page.goto('/links')
  assert.equal(await pairs(page).count(), waiting, 'it waits again')
})

test('the queue and a pair on a phone', async (t) => {
  const page = await open(t, '/links', { as: person({ role: 'manager' }), width: 320 })
  await isSound(page)
  await shot(page, 'links-phone')
  await pairs(page).first().click()
  await heading(page, 'Are these one child?')
  await isSound(page)
  await shot(page, 'pair-phone')
})
