// What a journey is written with. A journey is one file in journeys/, of tests such as:
//
//   test('a referral is accepted', async (t) => {
//     const page = await open(t, '/referrals', { as: person({ role: 'mash-manager' }) })
//     …
//     await isAccessible(page)
//   })

import AxeBuilder from '@axe-core/playwright'
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from 'playwright-core'

/** Where the server of this run answers. */
export const url = process.env.CLEARPICTURE_URL
const scratch = process.env.CLEARPICTURE_SCRATCH
assert(url && scratch, 'journeys are run by tests/browser/run, which starts the server')

/** Everyone of the example partnership who can sign in: email, password, secret, role and agency. */
export const people = JSON.parse(readFileSync(join(scratch, 'people.json'), 'utf8'))

/** One of them, by role, agency or both; `nth` chooses among several. */
export function person({ role, agency, nth = 0 } = {}) {
  const fitting = people.filter((one) => (!role || one.role === role) && (!agency || one.agency === agency))
  assert(fitting.length > nth, `the example has no person ${nth} with role ${role} and agency ${agency}`)
  return fitting[nth]
}

let browser

/** The windows without JavaScript. */
const plain = new WeakSet()

/** The browser, one for each file of journeys, with nothing of its own to say to the network. */
async function launch() {
  const root = process.getuid?.() === 0
  browser ??= await chromium.launch({
    executablePath: process.env.CLEARPICTURE_CHROMIUM || '/usr/bin/chromium',
    chromiumSandbox: !root, // Chromium has no sandbox for root
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  return browser
}

after(() => browser?.close())

/**
 * Opens a path in a window of its own, closed when the test ends.
 *
 * `as` is a person to be signed in as; `javaScript: false` turns it off; the window is 1280 wide unless said otherwise.
 * The test fails on whatever the browser complains of: an error in a script, something that the content security policy
 * refused, a file that did not load, a request to anywhere but the server.
 */
export async function open(t, path, { as, javaScript = true, width = 1280, height = 900 } = {}) {
  const session = as && join(scratch, `session-${as.email}.json`)
  const signedIn = as && existsSync(session)
  const context = await (
    await launch()
  ).newContext({
    baseURL: url,
    javaScriptEnabled: javaScript,
    locale: 'en-GB',
    storageState: signedIn ? session : undefined,
    timezoneId: 'Europe/London',
    viewport: { width, height },
  })
  context.setDefaultTimeout(15_000)
  if (!javaScript) plain.add(context)
  const complaints = listen(context)
  t.after(async () => {
    await context.close()
    assert.deepEqual(complaints, [], 'the browser complained')
  })

  const page = await context.newPage()
  if (as && !signedIn) {
    await signIn(page, as)
    await context.storageState({ path: session })
  }
  await page.goto(path)
  return page
}

/** Everything that the browser complains of, as it happens. */
function listen(context) {
  const complaints = []
  context.on('request', (request) => {
    const at = new URL(request.url())
    if (at.protocol.startsWith('http') && at.origin !== url) complaints.push(`asked elsewhere: ${at}`)
  })
  context.on('response', (response) => {
    // A page may be refused on purpose; what a page is made of may not.
    const isPage = response.request().isNavigationRequest()
    if (!isPage && response.status() >= 400) complaints.push(`${response.status()} for ${response.url()}`)
  })
  context.on('console', (message) => {
    const isAboutStatus = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isAboutStatus) complaints.push(message.text())
  })
  context.on('weberror', (error) => complaints.push(String(error.error())))
  return complaints
}

/** Signs in by the two pages that a person sees, with the keyboard alone. */
export async function signIn(page, account) {
  await page.goto('/sign-in')
  await page.locator('[name=email]').fill(account.email)
  await page.locator('[name=password]').fill(account.password)
  await page.locator('[name=password]').press('Enter')
  await page.waitForURL(/\/sign-in\/code/)
  await page.locator('[name=code]').fill(await code(account))
  await page.locator('[name=code]').press('Enter')
  try {
    await page.waitForURL((at) => !at.pathname.startsWith('/sign-in'))
  } catch {
    assert.fail(`${account.email} was not let in; the page says:\n${await page.locator('main').innerText()}`)
  }
}

/** Signs out by the button that every page has. */
export async function signOut(page) {
  const way = { name: 'Sign out' }
  await page.getByRole('button', way).or(page.getByRole('link', way)).click()
  await page.waitForLoadState()
}

/**
 * A one-time code for a person (RFC 6238: SHA-1, six digits, thirty seconds). A code is refused the second time,
 * so one who has signed in during this half minute waits for the next.
 */
export async function code(account) {
  const file = join(scratch, 'codes-used.json')
  const used = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  const left = 30_000 - (Date.now() % 30_000)
  if (used[account.email] === halfMinute() || left < 2_000) await sleep(left + 100)
  used[account.email] = halfMinute()
  writeFileSync(file, JSON.stringify(used))
  return codeAt(account.secret, halfMinute())
}

/** The code for a secret now, for one who has not signed in yet. */
export const codeNow = (secret) => codeAt(secret, halfMinute())

const halfMinute = () => Math.floor(Date.now() / 30_000)

/** The code for a secret in Base32 at a count of half minutes. */
export function codeAt(secret, count) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret.replace(/=+$/, '')].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0'))
  const key = Buffer.from(
    bits
      .join('')
      .match(/.{8}/g)
      .map((byte) => parseInt(byte, 2)),
  )
  const message = Buffer.alloc(8)
  message.writeBigUInt64BE(BigInt(count))
  const hash = createHmac('sha1', key).update(message).digest()
  const start = hash.at(-1) & 0x0f
  const number = (hash.readUInt32BE(start) & 0x7fffffff) % 1_000_000
  return String(number).padStart(6, '0')
}

/** Waits for a page whose heading is `words`. */
export const heading = (page, words) => page.getByRole('heading', { level: 1, name: words, exact: true }).waitFor()

/** Waits until the page says `words`, anywhere. */
export async function says(page, words) {
  try {
    await page.waitForFunction((wanted) => document.body.innerText.replace(/\s+/g, ' ').includes(wanted), words)
  } catch {
    assert.fail(`${page.url()} does not say “${words}”, but:\n${await page.locator('main').innerText()}`)
  }
}

/** Nothing on the page breaks the rules of WCAG 2.2, levels A and AA, that a machine can check. */
export async function isAccessible(page) {
  const looked = plain.has(page.context()) ? await copyWithoutScripts(page) : page
  const { violations } = await new AxeBuilder({ page: looked })
    .setLegacyMode() // no page has frames, so axe needs no window of its own to gather what they say
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze()
  if (looked !== page) await looked.context().close()
  const said = violations.map(({ id, help, nodes }) => {
    const where = nodes.map((node) => `    ${node.target.join(' ')}\n    ${node.html}`)
    return `  ${id}: ${help}\n${where.join('\n')}`
  })
  assert.equal(violations.length, 0, `${page.url()} is not accessible:\n${said.join('\n')}`)
}

/**
 * The page as it stands, in a window that runs JavaScript but none of the page's: axe is a script itself,
 * and cannot look at a window where JavaScript is off.
 */
async function copyWithoutScripts(page) {
  const html = await page.content()
  const context = await (await launch()).newContext({ viewport: page.viewportSize() })
  await context.route('**/*', (route) => {
    const request = route.request()
    if (request.isNavigationRequest()) return route.fulfill({ body: html, contentType: 'text/html; charset=utf-8' })
    return request.resourceType() === 'script' ? route.abort() : route.continue()
  })
  const copy = await context.newPage()
  await copy.goto(page.url())
  return copy
}

/** What axe was already asked about in this run: the same page for another role need not be asked again. */
const askedFile = join(scratch, 'asked-of-axe.json')
const asked = new Set(existsSync(askedFile) ? JSON.parse(readFileSync(askedFile, 'utf8')) : [])

/**
 * What every page owes whoever reads it: one heading, a title that says so, nothing that axe can find,
 * and at 320 px (a phone, or a page enlarged four times) nothing wider than the window.
 * Gives whether a page of this shape was met for the first time.
 */
export async function isSound(page) {
  const { h1, title, shape } = await page.evaluate(() => ({
    h1: [...document.querySelectorAll('h1')].map((one) => one.innerText.trim()),
    title: document.title,
    // What axe judges by: elements, classes, attributes. Words, numbers and ids may differ.
    shape: [...document.querySelectorAll('body *')]
      .map((one) => [one.tagName, one.getAttribute('class'), ...one.getAttributeNames()].join(' '))
      .join('\n'),
  }))
  assert.equal(h1.length, 1, `${page.url()} has ${h1.length} headings of the first level`)
  assert.ok(h1[0], `${page.url()} has an empty heading`)
  assert.match(title, /^\S.* – Clear Picture$/, page.url())
  const view = page.viewportSize()
  const kind = createHash('sha256').update(`${view.width} ${shape}`).digest('hex')
  const isNew = !asked.has(kind)
  if (isNew) {
    await isAccessible(page)
    writeFileSync(askedFile, JSON.stringify([...asked.add(kind)]))
  }
  if (view.width > 320) await page.setViewportSize({ width: 320, height: view.height })
  await fitsItsWindow(page)
  if (view.width > 320) await page.setViewportSize(view)
  return isNew
}

/** A form came back: the summary says so first, has the focus, and its first line leads to the field. */
export async function saysWhatIsWrong(page) {
  const summary = page.locator('.govuk-error-summary')
  await summary.waitFor()
  assert.match(await page.title(), /^Error: /)
  const focused = plain.has(page.context()) || (await summary.evaluate((one) => one === document.activeElement))
  assert.ok(focused, 'the summary does not have the focus')
  for (const link of await summary.getByRole('link').all()) {
    const field = await link.getAttribute('href')
    assert.equal(await page.locator(field).count(), 1, `${page.url()}: ${field} is no field`)
  }
  await isSound(page)
}

/** Nothing on the page is wider than the window. */
export async function fitsItsWindow(page) {
  const [content, view] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    return [scrollWidth, clientWidth]
  })
  assert.ok(content <= view, `${page.url()} is ${content} wide in a window of ${view}`)
}
