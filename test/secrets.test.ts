// Secrets put wherever the command line takes one, against a server that sends back what it was sent: none may be found on
// the disk, on the screen, on the live page or in a child's command line.
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { http, module, openRun, profile, reportHtml } from '../dist/index.js'
import { needs } from './requirement.ts'

const main = join(import.meta.dirname, '../dist/cli/main.js')
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-secrets-'))
const children: ChildProcess[] = []
const servers: Server[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  for (const server of servers) server.close()
  rmSync(scratch, { recursive: true, force: true })
})
const onLinux = needs('procfs', process.platform === 'linux', 'no /proc to read command lines from')

/** One place's secret: its name, so that a failure says where it leaked from, and what nobody can guess. */
const secretOf = (place: string): string => `${place}7x${randomBytes(12).toString('hex')}`

type Secrets = Readonly<Record<string, string>>
const secretsOf = <Place extends string>(...places: readonly Place[]): Readonly<Record<Place, string>> =>
  Object.fromEntries(places.map((place) => [place, secretOf(place)])) as Readonly<Record<Place, string>>

/** The places whose secret a text gives away: as it is, encoded, or in part. */
function leaks(text: string, secrets: Secrets): readonly string[] {
  return Object.entries(secrets)
    .filter(([, secret]) => {
      const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]
      // In base64 whatever comes before: three ways to fall on its groups, their ends left out.
      for (const before of ['', 'x', 'xx'])
        forms.push(
          Buffer.from(before + secret)
            .toString('base64')
            .slice(4, -6),
        )
      for (let at = 0; at + 12 <= secret.length; at++) forms.push(secret.slice(at, at + 12))
      return forms.some((form) => text.includes(form))
    })
    .map(([place]) => place)
}

type Answer = (request: string, count: number) => string
const ok: Answer = () => 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const echoing: Answer = (request) => {
  const said = JSON.stringify({ error: request })
  return `HTTP/1.1 500 ${request.split('\r\n')[0]}\r\ncontent-length: ${Buffer.byteLength(said)}\r\n\r\n${said}`
}

/** Answers each request on loopback by `answer`, which gets all of it as text. */
async function serve(answer: Answer): Promise<number> {
  let count = 0
  const server = createServer((socket) => {
    let request = ''
    socket.on('error', () => undefined)
    socket.setEncoding('utf8').on('data', (part: string) => {
      request += part
      const head = request.indexOf('\r\n\r\n')
      const length = Number(/^content-length: (\d+)/im.exec(request)?.[1] ?? 0)
      if (head < 0 || Buffer.byteLength(request.slice(head + 4)) < length) return
      socket.write(answer(request, count++))
      request = ''
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

interface Told {
  readonly status: number | null
  /** stdout and stderr. */
  readonly screen: string
  /** Command lines and environments of the children, the files of the run meanwhile, the live page. */
  readonly meanwhile: string
}

interface Options {
  readonly env?: Readonly<Record<string, string>>
  readonly out?: string
}

async function tailwatt(args: readonly string[], { env = {}, out }: Options = {}): Promise<Told> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: scratch,
    env: { ...process.env, ...env, NO_COLOR: '1', TAILWATT_CACHE: join(scratch, 'cache') },
  })
  children.push(child)
  let screen = ''
  let meanwhile = ''
  let watched = false
  const show = (part: string): void => {
    screen += part
    const [, live] = /^live: (\S+)$/m.exec(screen) ?? []
    if (live === undefined || watched) return
    watched = true
    for (const path of ['', 'events'])
      get(live + path, (page) => page.setEncoding('utf8').on('data', (text: string) => (meanwhile += text)))
  }
  child.stdout.setEncoding('utf8').on('data', show)
  child.stderr.setEncoding('utf8').on('data', show)
  const looking = setInterval(() => {
    meanwhile += childrenOf(child.pid!)
    if (out !== undefined) meanwhile += filesOf(out)
  }, 100)
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve))
  clearInterval(looking)
  return { status, screen, meanwhile }
}

/** Command lines of all descendants, and what is new in their environment. */
function childrenOf(pid: number): string {
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return ''
    }
  }
  const typed = read(`/proc/${pid}/cmdline`)
  const given = new Set(read(`/proc/${pid}/environ`).split('\0'))
  const below = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  return below
    .map((each) => {
      const added = read(`/proc/${each}/environ`)
        .split('\0')
        .filter((variable) => !given.has(variable))
      const line = read(`/proc/${each}/cmdline`)
      // Between fork and exec a child still has the line that the user typed.
      return line === typed ? '' : `${line}\n${added.join('\n')}\n${childrenOf(each)}`
    })
    .join('')
}

/** Every file below a folder, names included. */
function filesOf(folder: string): string {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => {
        const path = join(folder, name)
        return statSync(path).isFile() ? `${name}\n${readFileSync(path, 'latin1')}\n` : `${name}\n`
      })
      .join('')
  } catch {
    // A file went away in between; the next look sees what came instead.
    return ''
  }
}

/** All that a stored run says: its files, its tables, and every view of it. */
async function everything(out: string): Promise<string> {
  const run = await openRun('latest', { out })
  const { events, manifest } = await run.measured()
  const views = await Promise.all(
    [['show', 'latest'], ['show', 'latest', '--json'], ['show', 'latest', '--readings'], ['list']].map((view) =>
      tailwatt([...view, '--out', out]),
    ),
  )
  return [
    filesOf(out),
    JSON.stringify({ events, manifest }),
    await reportHtml(run),
    ...views.map(({ screen }) => screen),
  ].join('\n')
}

/** Not `toContain`: a report in the message of a failure is of no use. */
const has = (text: string, part: string): boolean => text.includes(part)

const quick = ['--requests', '300', '--cold', '2', '--idle', '0', '--no-ceilings', '--max-errors', '100%']

test('a run with a secret in every place stores and shows none of them', async () => {
  const secrets = secretsOf(
    'user',
    'password',
    'segment',
    'query',
    'bare',
    'fragment',
    'header',
    'token',
    'body',
    'breach',
    'sensor',
  )
  const { user, password, segment, query, bare, fragment, header, token, body, breach, sensor } = secrets
  const port = await serve((request, count) => (count % 2 === 0 ? ok : echoing)(request, count))
  const out = join(scratch, 'every-place')
  const { status, screen, meanwhile } = await tailwatt(
    [
      'run',
      `HTTP://${user}:%40${password}@127.0.0.1:${port}/v1/hook/${segment}/chat?model=${query}&${bare}#${fragment}`,
      '--header',
      `X-Unlisted: ${header}`,
      `--header=Authorization: Bearer ${token}`,
      '--body',
      JSON.stringify({ model: 'm', prompt: `say ${body}` }),
      '--sla',
      'p50<1ns',
      '--on-breach',
      `sleep 1 # https://hooks.example/${breach}`,
      '--sensors',
      `+dcgm:127.0.0.1:${port}/metrics?token=${sensor}`,
      '--rate',
      '400/s',
      '--live',
      '--out',
      out,
      ...quick,
      '--requests',
      '1600',
    ],
    { out },
  )
  expect(status, screen).toBe(5)
  expect(leaks(screen, secrets)).toEqual([])
  // The shell of --on-breach has a test of its own.
  const { breach: _, ...others } = secrets
  const seen = ['event: view', 'event: end', 'journal.bin', ...(onLinux === test ? ['load-host.process.js'] : [])]
  expect(seen.filter((part) => !has(meanwhile, part))).toEqual([])
  expect(leaks(meanwhile, others)).toEqual([])
  const stored = await everything(out)
  expect(has(stored, `HTTP://127.0.0.1:${port}/v1/hook/REDACTED/chat?model=REDACTED&REDACTED`)).toBe(true)
  expect(has(stored, 'X-Unlisted: REDACTED')).toBe(true)
  expect(has(stored, 'HTTP 500')).toBe(true)
  expect(has(stored, '"kind":"breach"')).toBe(true)
  expect(leaks(stored, secrets)).toEqual([])
})

onLinux('the command of --on-breach stands in no command line', async () => {
  const secrets = secretsOf('breach')
  const port = await serve(ok)
  const { status, screen, meanwhile } = await tailwatt([
    'run',
    `http://127.0.0.1:${port}/`,
    '--sla',
    'p50<1ns',
    '--on-breach',
    `sleep 1 # ${secrets.breach}`,
    '--rate',
    '400/s',
    '--out',
    join(scratch, 'breach'),
    ...quick,
    '--requests',
    '1600',
  ])
  expect(status, screen).toBe(5)
  expect(has(meanwhile, 'sleep')).toBe(true)
  expect(leaks(meanwhile, secrets)).toEqual([])
})

test.each([
  ['cut off in a status line', (said: string) => `HTTP/1.1 ${said}`],
  ['instead of HTTP', (said: string) => said],
  ['in a header', (said: string) => `HTTP/1.1 200 OK\r\n${said}`],
  ['as a length', (said: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${said}`],
  ['as the size of a chunk', (said: string) => `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${said}`],
])('an answer that is no HTTP and repeats what it was sent: %s', async (_, garbled) => {
  const secrets = secretsOf('user', 'header', 'body', 'query')
  const { user, header, body, query } = secrets
  const said = [header, `"${body}"`, query, btoa(`${user}:pw`)]
  // The first answers are those of the cold starts.
  const port = await serve((request, count) =>
    count < 2 ? ok(request, count) : `${garbled(said[count % said.length]!)}\r\n\r\n`,
  )
  const out = join(scratch, `garbled-${port}`)
  const args = [`http://${user}:pw@127.0.0.1:${port}/?q=${query}`, '--header', `X-Key: ${header}`, '--body', body]
  const run = await tailwatt(['run', ...args, '--out', out, ...quick, '--max-errors', '1%'], { out })
  expect(run.status, run.screen).toBe(3)
  const stored = await everything(out)
  expect(has(stored, 'invalid-response')).toBe(true)
  expect(
    /(?:begins with|status line is|colon|content-length of|chunk of size)\W*(?:HTTP\/1.1 )?REDACTED/.test(stored),
  ).toBe(true)
  expect(leaks(run.screen + run.meanwhile + stored, secrets)).toEqual([])
  // At the very first request there is no run, and a sentence.
  const first = await tailwatt(['run', ...args, '--out', join(scratch, 'none'), ...quick])
  expect(first.status).toBe(3)
  expect(first.screen).toContain('the target failed at the start')
  expect(leaks(first.screen, secrets)).toEqual([])
})

test('an error of the library does not repeat what was sent', async () => {
  const secrets = secretsOf('header', 'query')
  const port = await serve(() => `HTTP/1.1 ${secrets.header}\r\n\r\n`)
  const target = http(`http://127.0.0.1:${port}/?q=${secrets.query}`, { headers: { 'x-key': secrets.header } })
  const failed = profile({ target, out: join(scratch, 'library'), requests: 1, cold: 1, idle: 0, ceilings: false })
  const error = (await failed.catch((e: unknown) => e)) as Error & { readonly data: unknown }
  expect(error).toMatchObject({ code: 'target-failed' })
  expect(error.message).toContain('status line')
  expect(leaks(`${error.stack} ${JSON.stringify(error.data)}`, secrets)).toEqual([])
})

test.each(['inspect', 'open'])("a target of the user's that repeats its options when it fails: %s", async (method) => {
  const secrets = secretsOf('password', 'token')
  const path = join(scratch, `failing-target-${method}.mjs`)
  writeFileSync(
    path,
    `const fail = ({ options: { url, headers } }) => { throw new Error('no answer of ' + url + ' to ' + headers.token) }
     export const provider = { kind: 'failing', flow: 'blocking', inspect: async () => ({}), open: async () => ({}), ${method}: fail }`,
  )
  const url = `http://me:${secrets.password}@127.0.0.1/`
  const target = module(pathToFileURL(path).href, { url, headers: { token: secrets.token } })
  const failed = profile({ target, out: join(scratch, 'library'), requests: 1, cold: 1, idle: 0, ceilings: false })
  const error = (await failed.catch((e: unknown) => e)) as Error
  expect(error.message).toContain('no answer of http://127.0.0.1/ to REDACTED')
  expect(leaks(`${error.message} ${error.stack}`, secrets)).toEqual([])
})

test('what was measured is said, whatever words the body and the headers have', async () => {
  const out = join(scratch, 'own-words')
  const port = await serve(ok)
  const url = `http://127.0.0.1:${port}/`
  const sent = ['--header', `Host: 127.0.0.1:${port}`, '--body', '{"protocol":"http","mode":"async","role":"load"}']
  const { status, screen } = await tailwatt(['run', url, ...sent, '--out', out, ...quick])
  expect(status, screen).toBe(0)
  const { document } = await openRun('latest', { out })
  expect(document.target).toMatchObject({ name: url, engine: { name: 'http', provider: `127.0.0.1:${port}` } })
})

test('--keep-body keeps the body, and nothing else', async () => {
  const secrets = secretsOf('body', 'header', 'query')
  const port = await serve(ok)
  const out = join(scratch, 'kept')
  const { status, screen } = await tailwatt([
    'run',
    `http://127.0.0.1:${port}/?q=${secrets.query}`,
    '--header',
    `X-Key: ${secrets.header}`,
    '--body',
    secrets.body,
    '--keep-body',
    '--out',
    out,
    ...quick,
  ])
  expect(status, screen).toBe(0)
  expect(leaks(screen + (await everything(out)), secrets)).toEqual(['body'])
})

test('a body from a file is not stored, its path is', async () => {
  const secrets = secretsOf('body')
  writeFileSync(join(scratch, 'request.json'), JSON.stringify({ prompt: secrets.body }))
  const port = await serve((request, count) => (count % 2 === 0 ? ok : echoing)(request, count))
  const out = join(scratch, 'from-file')
  const { status, screen } = await tailwatt([
    'run',
    `http://127.0.0.1:${port}/`,
    '--body-file',
    'request.json',
    '--out',
    out,
    ...quick,
  ])
  expect(status, screen).toBe(0)
  const stored = await everything(out)
  expect(has(stored, 'request.json')).toBe(true)
  expect(leaks(stored, secrets)).toEqual([])
})

test('a sensor that says what it was given is stored and told without it', async () => {
  const secrets = secretsOf('password', 'query')
  const address = `http://me:${secrets.password}@10.0.0.1/?k=${secrets.query}`
  const refusal = join(scratch, 'refusing-sensor.mjs')
  writeFileSync(
    refusal,
    `const reason = 'nothing listens at ${address}'
     export const provider = { id: 'refusing', summary: '', gives: { text: '', what: 'cpu_w' }, open: async () => ({ ok: false, reason, remedy: reason }) }`,
  )
  const failing = join(scratch, 'failing-sensor.mjs')
  const channel = { id: 'f', sensor: 'f', quantity: 'power', unit: 'W', kind: 'gauge', scope: 'wall', device: 'f' }
  writeFileSync(
    failing,
    `export const provider = {
       id: 'failing', summary: '', flow: 'streaming', gives: { text: '', what: 'system_w' },
       open: async () => ({ ok: true, sensor: {
         channels: [${JSON.stringify(channel)}],
         start: async (out) => {
           setTimeout(() => { throw new Error('lost ${address}') }, 50)
           out.failed('refused by ${address}')
         },
         close: async () => undefined,
       } }),
     }`,
  )
  const port = await serve(ok)
  const out = join(scratch, 'sensors')
  const { status, screen } = await tailwatt([
    'run',
    `http://127.0.0.1:${port}/`,
    '--sensors',
    `${refusal},${failing}`,
    '--rate',
    '300/s',
    '--out',
    out,
    ...quick,
  ])
  expect(status, screen).toBe(0)
  expect(screen).toContain('nothing listens at http://10.0.0.1/?k=REDACTED')
  const stored = await everything(out)
  expect(has(stored, 'refused by http://10.0.0.1/?k=REDACTED')).toBe(true)
  expect(has(stored, 'lost http://10.0.0.1/?k=REDACTED')).toBe(true)
  const doctor = await tailwatt(['doctor'], { env: { TAILWATT_SENSORS: `+${refusal}` } })
  expect(has(doctor.screen, 'nothing listens at http://10.0.0.1/?k=REDACTED')).toBe(true)
  expect(leaks(screen + stored + doctor.screen, secrets)).toEqual([])
})

const mistakes: Readonly<Record<string, (s: string) => readonly string[]>> = {
  'an address that is none': (s) => ['run', `http://me:${s}@ho st/`],
  'a password with a slash': (s) => ['run', `http://me:pw/${s}@host:port/`],
  'no host': (s) => ['run', `https://me:${s}@/`],
  'another scheme': (s) => ['run', `ftp://me:${s}@127.0.0.1/?k=${s}`],
  'a misspelt scheme': (s) => ['run', `htp:/me:${s}@127.0.0.1/`],
  'no scheme': (s) => ['run', `me:${s}@127.0.0.1:8000/v1`],
  'no scheme, and a query': (s) => ['run', `localhost:8000/v1?key=${s}`],
  'a refused connection': (s) => ['run', `http://me:${s}@127.0.0.1:1/?k=${s}#${s}`, '--header', `X-K: ${s}`],
  'a port out of range': (s) => ['run', `http://me:${s}@127.0.0.1:99999/`],
  'no verb': (s) => [`http://me:${s}@127.0.0.1/`],
  'an address for a run': (s) => ['show', `http://me:${s}@127.0.0.1/?k=${s}`],
  'an address for a rate': (s) => ['run', 'zoo:mlp', '--rate', `http://me:${s}@127.0.0.1/`],
  'a header without a colon': (s) => ['run', 'http://127.0.0.1:1/', '--header', `Authorization Bearer ${s}`],
  'a header that cannot be sent': (s) => ['run', 'http://127.0.0.1:1/', '--header', `X-Key: ${s}\u0001`],
  'a flag that does not exist': (s) => ['run', 'http://127.0.0.1:1/', `--haeder=Authorization: Bearer ${s}`],
  'a flag with a colon': (s) => ['run', 'http://127.0.0.1:1/', `--header:${s}`],
  'a flag of curl': (s) => ['run', 'http://127.0.0.1:1/', `-HAuthorization: Bearer ${s}`],
  'a body as curl takes it': (s) => ['run', 'http://127.0.0.1:1/', `-d${JSON.stringify({ key: s })}`],
  'a sensor with a password': (s) => ['run', 'zoo:mlp', '--sensors', `+shelly:http://me:${s}@127.0.0.1/`],
  'a sensor with a query': (s) => ['run', 'zoo:mlp', '--sensors', `+tasmota:http://127.0.0.1/?k=${s}`],
  'a sensor with a comma in its password': (s) => ['run', 'zoo:mlp', '--sensors', `+dcgm:http://me:a,${s},b@host/`],
  'an unknown sensor': (s) => ['run', 'zoo:mlp', '--sensors', `+plug:http://me:${s}@127.0.0.1/`],
  'an address for a recording': (s) => ['run', 'zoo:mlp', '--sensors', `replay:http://me:${s}@127.0.0.1/`],
}

test.each(Object.entries(mistakes))('a sentence does not repeat a secret: %s', async (_, args) => {
  const secrets = secretsOf('secret')
  const { status, screen } = await tailwatt([...args(secrets.secret), '--out', join(scratch, 'mistakes')])
  expect([1, 2, 3], screen).toContain(status)
  expect(status, screen).not.toBe(1)
  expect(screen).toMatch(/^tailwatt: /m)
  expect(leaks(screen + filesOf(join(scratch, 'mistakes')), secrets)).toEqual([])
})

test.each([
  ['TAILWATT_SENSORS', (s: string) => `+shelly:http://me:${s}@127.0.0.1/`],
  ['TAILWATT_SENSORS', (s: string) => `+dcgm:127.0.0.1:1/metrics?token=${s}`],
  ['TAILWATT_HEADER', (s: string) => `Authorization Bearer ${s}`],
  ['TAILWATT_BODY', (s: string) => s],
])('a variable is not repeated: %s', async (variable, value) => {
  const secrets = secretsOf('variable')
  const env = { [variable]: value(secrets.variable) }
  const port = await serve((request, count) => (count % 2 === 0 ? ok : echoing)(request, count))
  const out = join(scratch, `variable-${port}`)
  const run = await tailwatt(['run', `http://127.0.0.1:${port}/`, '--out', out, ...quick], { env, out })
  const { screen } = await tailwatt(['doctor'], { env })
  expect(screen).toContain('onnxruntime-node')
  expect(leaks(run.screen + run.meanwhile + filesOf(out) + screen, secrets)).toEqual([])
})
