// A practitioner finds a child by how the name sounds and reads what two agencies say; a manager parts what was joined.
// The children are those of the demonstration, which are the same every time.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heading, isSound, open, person, says, saysWhatIsWrong } from '../lib.mjs'

const shots = process.env.CLEARPICTURE_SHOTS
const shot = async (page, name) => {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
}

async function find(page, name, born = []) {
  await page.goto('/children')
  await page.getByLabel('Name').fill(name)
  for (const [place, label] of ['Day', 'Month', 'Year'].entries()) {
    await page.getByLabel(label, { exact: true }).fill(born[place] ?? '')
  }
  await page.getByRole('button', { name: 'Find' }).click()
}

for (const javaScript of [true, false]) {
  test(`a child is found and read, ${javaScript ? 'with' : 'without'} JavaScript`, async (t) => {
    const page = await open(t, '/children', { as: person({ role: 'practitioner' }), javaScript })
    await shot(page, 'find')
    await isSound(page)
    await page.getByRole('button', { name: 'Find' }).click()
    await saysWhatIsWrong(page)
    await find(page, 'Xyzzy')
    await says(page, 'Nobody was found that you may see')
    await isSound(page)
    await find(page, 'hall megan', ['22', '4', '2014'])
    await says(page, '1 child')
    await shot(page, 'found')
    await isSound(page)
    const found = new URL(page.url())
    assert.equal(found.pathname, '/children')
    assert.match(found.search, /^\?search=[\w-]{24}$/, 'no name in an address')
    await page.getByRole('link', { name: /Hall/ }).first().click()
    assert.equal((await page.title()).includes('Hall'), false, 'no name in the history of the browser')
    await says(page, 'Megan Hall')
    await says(page, 'Meghan Hall')
    await says(page, 'sources differ')
    await shot(page, `picture-${javaScript}`)
    await isSound(page)
    await page.goBack()
    await says(page, '1 child')
    await page.goForward()
    await page.getByRole('link', { name: 'What you looked for' }).click()
    await says(page, '1 child')
    await page.getByRole('link', { name: /Hall/ }).first().click()
    await page.getByRole('link', { name: 'Why these are one child' }).click()
    await heading(page, 'Why these are one child')
    await says(page, 'What speaks for one child')
    await shot(page, 'why')
    await isSound(page)
  })
}

test('what is nearly what was typed stands below it, and says why', async (t) => {
  const page = await open(t, '/children', { as: person({ role: 'practitioner' }) })
  await find(page, 'meg hall', ['23', '4', '2014'])
  await says(page, 'Not quite what you typed')
  await says(page, 'born a day earlier')
  await says(page, 'Megan is another form of Meg')
  await shot(page, 'near')
  await isSound(page)
})

test('a picture on a phone', async (t) => {
  const page = await open(t, '/children', { as: person({ role: 'practitioner' }), width: 320 })
  await find(page, 'Wójcik Maja')
  await page.getByRole('link', { name: /Wójcik/ }).first().click()
  await shot(page, 'picture-phone')
  await isSound(page)
  const number = await page.locator('main a[href^="tel:"]').first().boundingBox()
  assert(number.y + number.height <= 568, `a number to ring is on the first screen, not at ${number.y}`)
})

test('whoever works with a child says so, and no longer', async (t) => {
  const page = await open(t, '/children', { as: person({ role: 'practitioner' }) })
  await find(page, 'Wójcik Maja')
  await page.getByRole('link', { name: /Wójcik/ }).first().click()
  await page.getByRole('link', { name: 'I work with this child' }).click()
  await heading(page, 'I work with this child')
  await isSound(page)
  await page.getByRole('button', { name: 'I work with this child' }).click()
  await saysWhatIsWrong(page)
  await shot(page, 'involved')
  await page.getByLabel('What is your work with this child?').fill('She comes to us every Tuesday.')
  await page.getByRole('radio', { name: 'The agencies that know this child' }).check()
  await page.getByRole('button', { name: 'I work with this child' }).click()
  await says(page, 'You work with this child since')
  await shot(page, 'picture-involved')
  await isSound(page)
  await page.getByRole('link', { name: 'I no longer do' }).click()
  await page.getByLabel('Why do you no longer work with this child?').fill('Another team has taken over.')
  await isSound(page)
  await page.getByRole('button', { name: 'I no longer work with this child' }).click()
  await says(page, 'You no longer work with this child')
})

test('tabs are underlined in the colours of the reader where one is theirs alone', async (t) => {
  const page = await open(t, '/children', { as: person({ role: 'practitioner' }) })
  await page.emulateMedia({ forcedColors: 'active' })
  const lines = await page.locator('.cp-nav__link').evaluateAll((tabs) => {
    const line = (tab) => getComputedStyle(tab).borderBottomColor
    const paper = getComputedStyle(document.body).backgroundColor
    return tabs.map((tab) => ({ own: tab.hasAttribute('aria-current'), drawn: line(tab) !== paper }))
  })
  assert(lines.length > 1)
  for (const { own, drawn } of lines) assert.equal(drawn, own)
})

test('a manager parts what was joined', async (t) => {
  const page = await open(t, '/children', { as: person({ role: 'manager' }) })
  await find(page, 'Barker Elizabeth', ['2', '3', '2011'])
  await page.getByRole('link', { name: /Barker/ }).first().click()
  await page.getByRole('link', { name: 'Why these are one child' }).click()
  await page.getByRole('button', { name: 'Part them' }).click()
  await saysWhatIsWrong(page)
  await page.getByRole('radio').last().check()
  await page.getByLabel('Why').fill('The school has a cousin of this name.')
  await shot(page, 'part')
  await page.getByRole('button', { name: 'Part them' }).click()
  await says(page, 'They are two children again')
  await shot(page, 'parted')
  await isSound(page)
  await find(page, 'Barker', ['2', '3', '2011'])
  await says(page, '2 children')
})
