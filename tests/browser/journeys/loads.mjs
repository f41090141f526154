// An analyst sends an agency's file in, sees what is wrong with it and what it would change, and decides; a practitioner
// finds what it told in a child's picture. The child is invented, and in no other file.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heading, isSound, open, person, says, saysWhatIsWrong } from '../lib.mjs'

const shots = process.env.CLEARPICTURE_SHOTS
const shot = async (page, name) => {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
}

const HEADINGS = 'Concern Number,Person Number,Forename,Surname,Date Of Birth,Sex,Self-defined Ethnicity,Home Postcode,Local Authority,Recorded,Form,Level'
const file = (...rows) => ({
  name: 'concerns.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from([HEADINGS, ...rows, ''].join('\n')),
})
const tilda = (level) => `C1,P77,Tilda,Quillfeather,14/02/2012,F,W1,XN1 2AB,Northwater,03/11/2026,CSE,${level}`

/** Sends a file in as the police's, and waits until it was read. */
async function send(page, sent) {
  await page.goto('/loads/new')
  await page.getByLabel('Which agency made the file?').selectOption({ label: 'Northwater Police' })
  await page.getByLabel('File', { exact: true }).setInputFiles(sent)
  await page.getByRole('button', { name: 'Send it in' }).click()
  await until(page, /waiting for somebody|Refused/)
}

/** Looks again until the page says so. */
async function until(page, words) {
  for (let tries = 0; tries < 60; tries++) {
    if (words.test(await page.locator('main').innerText())) return
    await page.waitForTimeout(250)
    await page.reload()
  }
  assert.fail(`never said ${words}`)
}

for (const javaScript of [true, false]) {
  test(`a file is sent in and taken in, ${javaScript ? 'with' : 'without'} JavaScript`, async (t) => {
    const page = await open(t, '/loads', { as: person({ role: 'analyst' }), javaScript })
    await page.getByRole('link', { name: 'Send a file in' }).first().click()
    await heading(page, 'Send a file in')
    await says(page, 'Never send in a nude or sexual image of a child')
    await isSound(page)
    await shot(page, 'send')
    await page.getByRole('button', { name: 'Send it in' }).click()
    await saysWhatIsWrong(page)
    const level = javaScript ? 'Medium' : 'High'
    await send(page, file(tilda(level), `C2,P${javaScript ? 78 : 79},Bo,Quillfeather,31/02/2012,F,W1,XN1 2AB,Northwater,03/11/2026,CSE,Low`))
    await says(page, 'Rows in the file')
    await shot(page, `load-${javaScript}`)
    await isSound(page)
    await page.getByRole('link', { name: 'Every place, and the report for the sender' }).click()
    // A day of birth is shown to keepers alone, right or wrong, and can be put right all the same.
    await says(page, 'not shown, since it may tell who or where somebody is')
    assert(!(await page.locator('main').innerText()).includes('31/02/2012'))
    await shot(page, 'findings')
    await isSound(page)
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'The same as CSV' }).click()
    const report = await (await download).createReadStream()
    let text = ''
    for await (const chunk of report) text += chunk
    assert(text.includes('Date Of Birth') && !text.includes('31/02'), 'rows and columns, and no value')
    await page.getByRole('link', { name: /Put it right.*Date Of Birth/ }).click()
    await heading(page, 'Put a value right')
    await page.getByLabel('What should stand there?').fill('03/02/2012')
    await isSound(page)
    await shot(page, 'correct')
    await page.getByRole('button', { name: 'Put it right' }).click()
    await saysWhatIsWrong(page)
    await page.getByLabel('How do you know?').fill('The police looked again.')
    await page.getByRole('button', { name: 'Put it right' }).click()
    await until(page, /waiting for somebody/)
    assert(!(await page.locator('main').innerText()).includes('not a day that exists'), 'it is right now')
    await page.getByRole('button', { name: 'Take it in', exact: true }).click()
    await until(page, /Taken in/)
    await isSound(page)
    await shot(page, `taken-${javaScript}`)
  })
}

test('a file of no known source is refused, and another is left with a reason', async (t) => {
  const page = await open(t, '/loads', { as: person({ role: 'analyst' }), width: 320 })
  await send(page, { name: 'holiday.csv', mimeType: 'text/csv', buffer: Buffer.from('Day,Weather\n1,Fine\n') })
  await says(page, 'Refused')
  await isSound(page)
  await send(page, file('C9,P90,Ro,Quillfeather,14/02/2013,F,W1,XN1 2AB,Northwater,03/11/2026,CSE,Low'))
  await shot(page, 'load-phone')
  await isSound(page)
  await page.getByRole('button', { name: 'Do not take it in' }).click()
  await says(page, 'Why it is not taken in: this is empty')
  await page.getByLabel('Why is it not taken in?').fill('It is of another month.')
  await page.getByRole('button', { name: 'Do not take it in' }).click()
  await says(page, 'Not taken in')
})

test('what the file told stands in the picture, as its newest version says', async (t) => {
  const page = await open(t, '/children', { as: person({ role: 'practitioner' }) })
  await page.getByLabel('Name').fill('Quillfeather Tilda')
  await page.getByRole('button', { name: 'Find' }).click()
  await page.getByRole('link', { name: /Quillfeather/ }).click()
  await says(page, 'Police concern about sexual exploitation, high')
  await says(page, 'Open now')
  await shot(page, 'picture-concern')
  await isSound(page)
})
