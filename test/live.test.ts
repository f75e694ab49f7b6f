// The live page of real short runs: its stream of events, late joiners, strangers, and the page itself in real Chromium at two
// sizes, light and dark.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request, type IncomingHttpHeaders } from 'node:http'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { afterAll, afterEach, expect, test } from 'vitest'
import {
  constant,
  module,
  openRun,
  profile,
  reportHtml,
  serveLive,
  type Figure,
  type LiveServer,
  type Progress,
} from '../dist/index.js'
import { findProgram, needs } from './requirement.ts'

const fixture = (path: string): string => join(import.meta.dirname, 'fixtures', path)
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-live-'))
const servers: LiveServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.end({ message: 'over' }).catch(() => undefined)
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const browserPath = findProgram('chromium', 'chromium-browser', 'google-chrome')
const inBrowser = needs('chromium', browserPath !== undefined, 'no Chromium on PATH')
const steady = pathToFileURL(fixture('targets/steady.mjs')).href
const known = pathToFileURL(fixture('sensors/known-power.mjs')).href
const target = module(steady, { ms: 2 })

async function serve(): Promise<LiveServer> {
  const server = await serveLive({ target })
  servers.push(server)
  return server
}

interface Event {
  readonly id: number
  readonly kind: string
  readonly data: unknown
}

/** Reads the stream until the server ends it. */
function listen(live: LiveServer): { readonly events: Event[]; readonly ended: Promise<void> } {
  const events: Event[] = []
  const ended = new Promise<void>((resolve, reject) => {
    const client = request({ host: '127.0.0.1', port: live.port, path: '/events' }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        const blocks = text.split('\n\n')
        text = blocks.pop()!
        for (const block of blocks) {
          const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
          if (field('event'))
            events.push({ id: Number(field('id')), kind: field('event')!, data: JSON.parse(field('data')!) })
        }
      })
      response.on('end', resolve)
      response.on('error', reject)
    })
    client.on('error', reject)
    client.end()
  })
  return { events, ended }
}

const answer = (
  live: LiveServer,
  options: { readonly path?: string; readonly method?: string; readonly headers?: Record<string, string> },
): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string }> =>
  new Promise((resolve, reject) => {
    const client = request({ host: '127.0.0.1', port: live.port, path: '/', ...options }, (response) => {
      let body = ''
      const give = (): void => resolve({ status: response.statusCode!, headers: response.headers, body })
      // A stream has no end to wait for.
      if (response.headers['content-type']?.startsWith('text/event-stream')) give()
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('end', give)
    })
    client.on('error', reject)
    client.end()
  })

const until = async (condition: () => boolean): Promise<void> => {
  for (let i = 0; i < 600 && !condition(); i++) await sleep(50)
  expect(condition()).toBe(true)
}

interface Point {
  readonly t_s: number
  readonly requests: number
  readonly p50_ms: number
  readonly p99_ms: number
  readonly gpu_c: number
  readonly cpu_w: Figure
  readonly gpu_w: Figure
}
type View = Readonly<Record<'status' | 'tiles' | 'charts', string>>

/** The data of all events of a kind. */
const of = <T>(events: readonly Event[], kind: string): T[] =>
  events.filter((event) => event.kind === kind).map(({ data }) => data as T)

test('a run streams its course; who joins late gets all of it; at the end comes the report', async () => {
  const live = await serve()
  const early = listen(live)
  await until(() => live.viewers === 1)
  let late: ReturnType<typeof listen> | undefined
  let heard: Progress | undefined
  const run = await profile({
    target,
    load: constant({ rate: 150 }),
    for: '4s',
    cold: 1,
    out: scratch,
    sensors: [{ kind: known, options: { watts: 50, gpuWatts: 100, climate: true } }],
    onProgress: (progress) => {
      live.show(progress)
      if (progress.devices) heard = progress
      if (progress.elapsed_s > 2) late ??= listen(live)
    },
  })
  await until(() => live.viewers === 2)
  const report = await reportHtml(await openRun(run.folder))
  await live.end({ report })
  await Promise.all([early.ended, late!.ended])

  const points = of<Point>(early.events, 'progress')
  expect(points.length).toBeGreaterThan(4)
  expect(points.reduce((sum, point) => sum + point.requests, 0)).toBeGreaterThan(run.document.requests.sent * 0.6)
  expect(points.at(-1)!.cpu_w.value).toBeCloseTo(50, 0)
  expect(points.at(-1)!.cpu_w.grade).toBe('B')
  expect(points.at(-1)!.gpu_w.value).toBeCloseTo(100, 1)
  expect(points.at(-1)!.gpu_c).toBeGreaterThan(60)
  expect(points.some((point) => point.p99_ms >= point.p50_ms)).toBe(true)
  expect(heard!.devices!.gpus[0]!.utilization).toBe(0.9)

  const view = of<View>(early.events, 'view').at(-1)!
  expect(view.status).toMatch(/Analysing/)
  expect(view.tiles).toMatch(/p99 so far/)
  for (const title of ['Latency over time', 'Throughput over time', 'Power over time', 'Temperature', 'Clocks'])
    expect(view.charts).toContain(`<h2>${title}</h2>`)

  // The late one begins with the course up to then, and a view of it.
  const [first, second] = late!.events
  expect(first!.kind).toBe('history')
  const course = first!.data as Point[]
  expect(course.length).toBeGreaterThan(2)
  expect(course[0]!.t_s).toBeLessThan(1.5)
  expect(second!.kind).toBe('view')

  for (const { events } of [early, late!]) {
    expect(events.at(-1)!.kind).toBe('end')
    expect(events.at(-1)!.data).toEqual({ report })
    const ids = events.map((event) => event.id)
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
  }
})

interface Asked {
  readonly path?: string
  readonly method?: string
  readonly headers?: Record<string, string>
}

test.each<[string, Asked, number]>([
  ['a stranger’s name (DNS rebinding)', { headers: { host: 'evil.example' } }, 403],
  ['a stranger’s name at our port', { headers: { host: 'evil.example:PORT' } }, 403],
  ['our name at another port', { headers: { host: '127.0.0.1:1' } }, 403],
  ['another page', { headers: { origin: 'http://evil.example' }, path: '/events' }, 403],
  ['a stranger who asks for the stream', { headers: { host: 'evil.example' }, path: '/events' }, 403],
  ['a wish to change', { method: 'POST' }, 405],
  ['a file', { path: '/../package.json' }, 404],
  ['a file in disguise', { path: '/%2e%2e/package.json' }, 404],
  ['localhost', { headers: { host: 'localhost:PORT' } }, 200],
])('%s is answered with its status', async (_, options, status) => {
  const live = await serve()
  const headers = Object.fromEntries(
    Object.entries(options.headers ?? {}).map(([key, value]) => [key, value.replace('PORT', String(live.port))]),
  )
  const result = await answer(live, { ...options, headers })
  expect(result.status).toBe(status)
  expect(result.headers['access-control-allow-origin']).toBeUndefined()
  expect(result.headers['x-content-type-options']).toBe('nosniff')
  if (status !== 200) expect(result.body).not.toContain('<html')
})

test('a request without a Host header is refused', async () => {
  const live = await serve()
  const reply = await new Promise<string>((resolve, reject) => {
    const socket = connect(live.port, '127.0.0.1', () => socket.end('GET /events HTTP/1.0\r\n\r\n'))
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
  expect(reply).toMatch(/^HTTP\/1\.1 403 /)
})

test('it listens on the loopback address only, and is gone after the end', async () => {
  const live = await serve()
  expect(live.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  const { port } = live
  await live.end({ message: 'over' })
  await expect(
    new Promise((resolve, reject) => connect(port, '127.0.0.1').on('connect', resolve).on('error', reject)),
  ).rejects.toThrow(/ECONNREFUSED/)
})

test('a port that is taken is said in a sentence', async () => {
  const live = await serve()
  await expect(serveLive({ target, port: live.port })).rejects.toMatchObject({
    code: 'port-unavailable',
    data: { port: live.port, message: 'another program uses it' },
  })
})

test('text from outside is text in the page', async () => {
  const live = await serveLive({ target: { kind: '/x/<script>alert(1)</script>.mjs', options: {} } })
  servers.push(live)
  const { body } = await answer(live, {})
  expect(body).not.toContain('<script>alert')
  live.show({ stage: 'cold-start', message: '<img src=x>', elapsed_s: 0, sent: 0, failed: 0 })
  const { events } = listen(live)
  await until(() => of(events, 'view').length > 0)
  expect(of<View>(events, 'view')[0]!.status).toContain('&lt;img')
})

test('`tailwatt run --live` says the address on stderr, the result on stdout, and ends', async () => {
  const main = join(import.meta.dirname, '../dist/cli/main.js')
  const args = [main, 'run', fixture('targets/steady.mjs'), '--for', '2s', '--cold', '1', '--quiet', '--json', '--live']
  const child = spawn(process.execPath, args, { cwd: scratch })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve))
  expect(status).toBe(0)
  expect(stderr).toMatch(/^live: http:\/\/127\.0\.0\.1:\d+\/\n$/)
  expect(JSON.parse(stdout).state).toBe('complete')
  const refused = spawn(process.execPath, [...args, '70000'], { cwd: scratch })
  expect(await new Promise((resolve) => refused.on('close', resolve))).toBe(2)
})

inBrowser('the page fills itself, becomes the report, overflows nowhere, and axe finds nothing', async () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  const browser = await chromium.launch({ executablePath: browserPath!, args: ['--no-sandbox'] })
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const live = await serve()
      const problems: string[] = []
      const tabs = await Promise.all(
        [1280, 390].map(async (width) => {
          const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
          const tab = await context.newPage()
          tab.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())))
          tab.on('pageerror', (error) => problems.push(error.message))
          tab.on('request', (one) => void (one.url().startsWith(live.url) || problems.push(one.url())))
          await tab.goto(live.url)
          return { tab, width }
        }),
      )
      const look = async (): Promise<void> => {
        for (const { tab, width } of tabs) {
          const overflow = await tab.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          )
          expect(overflow, `${colorScheme} ${width}`).toBeLessThanOrEqual(0)
          await tab.evaluate(axe)
          const result = (await tab.evaluate('axe.run()')) as {
            violations: { id: string; nodes: { html: string }[] }[]
          }
          expect(
            result.violations.map((v) => `${v.id}: ${v.nodes[0]!.html.slice(0, 160)}`),
            `${colorScheme} ${width}`,
          ).toEqual([])
        }
      }
      const running = profile({
        target,
        load: constant({ rate: 150 }),
        for: '8s',
        cold: 1,
        out: scratch,
        sensors: [{ kind: known, options: { watts: 90, low: 30, gpuWatts: 200, systemWatts: 400, climate: true } }],
        onProgress: (progress) => live.show(progress),
      })
      for (const { tab } of tabs) await tab.waitForSelector('#charts section:nth-of-type(5)')
      await look()
      const { folder } = await running
      await live.end({ report: await reportHtml(await openRun(folder)) })
      for (const { tab } of tabs) await tab.waitForSelector('text=Load certificate')
      await look()
      // The report's own script still works in what was the live page.
      await tabs[0]!.tab.click('#theme')
      expect(await tabs[0]!.tab.getAttribute('html', 'data-theme')).toBe(colorScheme === 'light' ? 'dark' : 'light')
      expect(problems).toEqual([])
    }
  } finally {
    await browser.close()
  }
})
