// How good links are: a sample is drawn, read by somebody who is not told how pairs stand, and tells.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heading, isSound, open, person, says, saysWhatIsWrong } from '../lib.mjs'

const shots = process.env.CLEARPICTURE_SHOTS
const shot = async (page, name) => {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
}

const next = (page) => page.getByRole('button', { name: 'Read the next pair' })

// A job draws it: it takes as long as linking everything.
const drawn = async (page) => {
  for (let tries = 0; tries < 60; tries += 1) {
    await page.goto('/links/quality')
    if (await next(page).count()) return
    await page.waitForTimeout(500)
  }
  assert.fail('the sample was not drawn within half a minute')
}

test('a sample is drawn, read and told', async (t) => {
  const page = await open(t, '/links', { as: person({ role: 'manager' }) })
  await page.getByRole('link', { name: 'How good the links are' }).click()
  await heading(page, 'How good the links are')
  await says(page, 'Nobody has measured it yet')
  await isSound(page)
  await shot(page, 'quality-empty')
  await page.getByLabel('How many pairs').fill('12')
  await page.getByRole('button', { name: 'Draw it' }).click()
  await saysWhatIsWrong(page)
  await page.getByLabel('How many pairs').fill('100')
  await page.getByRole('button', { name: 'Draw it' }).click()
  await says(page, 'being drawn')
  await drawn(page)
  await isSound(page)
  await shot(page, 'quality-unread')
  await next(page).click()
  await heading(page, 'One child or two?')
  await isSound(page)
  await shot(page, 'reading')
  await page.getByRole('button', { name: 'Keep, and read the next' }).click()
  await saysWhatIsWrong(page)
  await page.getByLabel('One child').check()
  await page.getByRole('button', { name: 'Keep, and read the next' }).click()
  await says(page, 'Kept: one child')
  await page.getByRole('link', { name: 'Change your last answer' }).click()
  assert(await page.getByLabel('One child').isChecked(), 'the last answer stands there')
  await page.getByLabel('The records do not tell').check()
  await page.getByRole('button', { name: 'Keep, and read the next' }).click()
  await says(page, 'Kept: the records do not tell')
  // As whoever reads would: by what the two records say.
  const name = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'Given names' }) })
  for (let read = 0; read < 400; read += 1) {
    if (!(await name.count())) break
    const [one, other] = await name.getByRole('cell').allInnerTexts()
    await page.getByLabel(one.slice(0, 3) === other.slice(0, 3) ? 'One child' : 'Two children').check()
    await page.getByRole('button', { name: 'Keep, and read the next' }).click()
    await heading(page, 'One child or two?')
  }
  await says(page, 'is left')
  await isSound(page)
  await shot(page, 'reading-done')
  await page.goto('/links/quality')
  await says(page, 'of the pairs that are joined are one child')
  await isSound(page)
  await shot(page, 'quality-told')
})

test('how good links are on a phone, and a pair to be read', async (t) => {
  const page = await open(t, '/links/quality', { as: person({ role: 'manager' }), width: 320 })
  await isSound(page)
  await shot(page, 'quality-phone')
  await page.getByLabel('How many pairs').fill('100')
  await page.getByRole('button', { name: 'Draw it' }).click()
  await drawn(page)
  await next(page).click()
  await isSound(page)
  await shot(page, 'reading-phone')
})
