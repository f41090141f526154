// Starts the example partnership, runs the journeys or takes the pictures against it, and stops it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const here = import.meta.dirname
const scratch = await mkdtemp(join(tmpdir(), 'clearpicture-browser-'))
const log = join(scratch, 'server.log')

let server, running
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => running?.kill(signal))

try {
  server = await startServer()
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  const stopped = await stopServer(server)
  if (!stopped || process.exitCode !== 0) {
    const said = (await readFile(log, 'utf8').catch(() => '')).trimEnd()
    if (said) console.error(`the server's last words:\n${said.split('\n').slice(-40).join('\n')}`)
    process.exitCode = 1
  }
  await rm(scratch, { recursive: true, force: true })
}

/** Runs the journeys or takes the pictures; gives the exit code. */
async function run([command, ...rest]) {
  const env = {
    ...process.env,
    CLEARPICTURE_URL: server.url,
    CLEARPICTURE_SCRATCH: scratch,
  }
  const args =
    ['pictures', 'screenshots'].includes(command)
      ? ['--test-reporter=spec', join(here, `${command}.mjs`), ...rest]
      : // One file at a time: on two cores two browsers only make each other slow.
        ['--test', '--test-concurrency=1', '--test-reporter=spec', ...(await journeys([command, ...rest]))]
  running = spawn(process.execPath, args, { env, stdio: 'inherit' })
  const [code] = await once(running, 'exit')
  return code ?? 1
}

async function journeys(named) {
  const files = named.filter(Boolean).map((name) => resolve(name))
  if (files.length > 0) return files
  const folder = join(here, 'journeys')
  const all = (await readdir(folder)).filter((name) => name.endsWith('.mjs')).sort()
  return all.map((name) => join(folder, name))
}

/** Starts the server on a free port with a new example, and waits until it says that it is ready. */
async function startServer() {
  const binary = process.env.CLEARPICTURE_BINARY
  if (!binary) throw new Error('there is no program to test: run `cargo build --workspace` first')
  const data = join(scratch, 'data')
  const size = process.env.CLEARPICTURE_SIZE || 'small'
  const folder = process.env.CLEARPICTURE_WITH
  const files = folder ? ['--with', folder] : []
  const child = spawn(binary, ['demo', '--data', data, '--listen', '127.0.0.1:0', '--size', size, ...files], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stderr.pipe(createWriteStream(log))

  const people = []
  const ready = new Promise((found, refuse) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, kind, rest] = /^([a-z-]+): (.*)$/.exec(line) ?? []
      if (kind === 'sign-in') {
        const [email, password, secret, role, agency] = rest.split('\t')
        people.push({ email, password, secret, role, agency })
      }
      if (kind === 'ready') found(rest)
    })
    child.once('error', (error) => refuse(new Error(`${binary} did not start: ${error.message}`)))
    child.once('exit', (code) => refuse(new Error(`the server stopped with code ${code} before it was ready`)))
    setTimeout(() => refuse(new Error('the server was not ready within ten minutes')), 600_000).unref()
  })
  try {
    const url = await ready
    await writeFile(join(scratch, 'people.json'), JSON.stringify(people))
    return { child, url }
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

/** Asks the server to stop, as systemd would. False when it had stopped before, was told twice, or stopped with a fault. */
async function stopServer(started) {
  if (!started) return false
  const { child } = started
  if (child.exitCode !== null || child.signalCode !== null) {
    console.error('the server was gone before the end')
    return false
  }
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const insist = setTimeout(() => child.kill('SIGKILL'), 15_000)
  const [code, signal] = await exited
  clearTimeout(insist)
  if (code === 0) return true
  console.error(`the server did not stop cleanly: ${signal ?? `code ${code}`}`)
  return false
}
