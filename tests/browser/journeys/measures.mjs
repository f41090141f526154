// An analyst reads what the partnership counts and takes the report; an auditor sees who is counted.
// The children are those of the demonstration, which are the same every time.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heading, isSound, open, person, says, saysWhatIsWrong } from '../lib.mjs'

const shots = process.env.CLEARPICTURE_SHOTS
const shot = async (page, name) => {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
}

for (const javaScript of [true, false]) {
  test(`a figure is read and traced, ${javaScript ? 'with' : 'without'} JavaScript`, async (t) => {
    const page = await open(t, '/measures', { as: person({ role: 'auditor' }), javaScript })
    await says(page, 'at a glance')
    await says(page, '95% interval')
    await shot(page, `measures-${javaScript}`)
    await isSound(page)
    await page.getByRole('link', { name: /Definition, table and who is counted/ }).click()
    await heading(page, 'Children known to both social care and schools')
    await says(page, 'Known to social care alone')
    await shot(page, `measure-${javaScript}`)
    await isSound(page)
    await page.getByRole('link', { name: /who is counted.*Known to social care alone/ }).click()
    await heading(page, 'Who is counted')
    await says(page, 'children you may see')
    await shot(page, `counted-${javaScript}`)
    await isSound(page)
    await page.locator('table a').first().click()
    assert.match(new URL(page.url()).pathname, /^\/children\/person_/)
  })
}

test('another month, another day, and a day to come', async (t) => {
  const page = await open(t, '/measures', { as: person({ role: 'analyst' }) })
  await page.getByText('Another month, or as known on another day').click()
  await page.getByLabel('Day', { exact: true }).fill('1')
  await page.getByLabel('Month', { exact: true }).last().fill('1')
  await page.getByLabel('Year').fill('2100')
  await page.getByRole('button', { name: 'Show' }).click()
  await saysWhatIsWrong(page)
  await says(page, '1 January 2100 has not come')
  await isSound(page)
  await page.getByLabel('Day', { exact: true }).fill('1')
  await page.getByLabel('Month', { exact: true }).last().fill('1')
  await page.getByLabel('Year').fill('2020')
  await page.getByRole('button', { name: 'Show' }).click()
  await says(page, 'Not available: not every service has been heard')
  await shot(page, 'measures-before')
  await isSound(page)
  await page.getByRole('link', { name: /Definition, table/ }).click()
  assert.equal(await page.getByRole('link', { name: /who is counted/ }).count(), 0, 'an analyst sees no child')
})

test('measures on a phone', async (t) => {
  const page = await open(t, '/measures', { as: person({ role: 'manager' }), width: 320 })
  await shot(page, 'measures-phone')
  await isSound(page)
  await page.getByRole('link', { name: /Definition, table/ }).click()
  await shot(page, 'measure-phone')
  await isSound(page)
})

test('the report is a file of its own, and says who took it', async (t) => {
  const page = await open(t, '/measures', { as: person({ role: 'analyst' }) })
  const waiting = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Partnership copy' }).click()
  const file = await waiting
  assert.match(file.suggestedFilename(), /^dataset-report-\d{4}-\d{2}-partnership\.pdf$/)
  if (shots) await file.saveAs(`${shots}/report.pdf`)
})
