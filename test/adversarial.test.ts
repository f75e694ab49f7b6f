// What models, servers, meters, run folders and names may contain, put through every field of them: no page of it runs, holds
// or asks for anything more than the same page of harmless text, and no terminal gets an order. In real Chromium, by its policy.
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { createServer, type AddressInfo, type Server as NetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { module, openRun, reportHtml, serveLive, type RunDocument } from '../dist/index.js'
import {
  collect,
  float32Data,
  message,
  modelPart,
  nodePart,
  tensorPart,
  text as textPart,
  valuePart,
} from '../dist/onnx/write.js'
import { htmlReport } from '../dist/report/html.js'
import { parseManifest, parseRunDocument } from '../dist/run/schema.js'
import { createRun } from '../dist/store/create.js'
import { adversarial, allAdversarial, ordersIn, withTexts } from './fixtures/adversarial.ts'
import { devices, startMeter, type Routes } from './fixtures/meter-server.ts'
import { findProgram, needs } from './requirement.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-adversarial-'))
const fixtures = join(import.meta.dirname, 'fixtures')
const main = join(import.meta.dirname, '../dist/cli/main.js')
const steady = join(fixtures, 'targets/steady.mjs')
const harmless = 'harmless'
/** The same with nothing that could mean more than itself; as long, and divided by as many slashes. */
const tamed = (text: string): string => text.replace(/[^\w /]/gs, '_')
/** What an argument and a file's name may hold. */
const argument = allAdversarial.replaceAll('\0', '')

const browserPath = findProgram('chromium', 'chromium-browser', 'google-chrome')
const inBrowser = needs('chromium', browserPath !== undefined, 'no Chromium on PATH')
const withEngine = needs('onnxruntime', engineInstalled(), 'onnxruntime-node is not installed')

let browser: Browser | undefined
beforeAll(async () => {
  if (browserPath) browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] })
})
const servers: (Server | NetServer)[] = []
afterAll(async () => {
  await browser?.close()
  for (const server of servers) server.close()
  rmSync(scratch, { recursive: true, force: true })
})

function engineInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve('onnxruntime-node')
    return true
  } catch {
    return false
  }
}

// ---- the terminal

interface Output {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** @param terminal what is written to one, colours and all */
function tailwatt(args: readonly string[], terminal = false, env: Record<string, string> = {}): Promise<Output> {
  const streams = 'for(const s of [process.stdout,process.stderr]){s.isTTY=true;s.columns=100}'
  const first = terminal ? ['--import', `data:text/javascript,${encodeURIComponent(streams)}`] : []
  const child = spawn(process.execPath, [...first, main, ...args], {
    cwd: scratch,
    env: { ...process.env, TERM: 'xterm', TAILWATT_CACHE: join(scratch, 'cache'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })))
}

/** Our own moves of the cursor, which only a terminal gets. */
// oxlint-disable-next-line no-control-regex -- the escape is what it looks for
const moves = /\r(?:\u001b\[\d+A)?\u001b\[J|\u001b\[\?25[lh]/g

function quiet({ stdout, stderr }: Output, terminal = false): void {
  for (const output of [stdout, stderr]) {
    expect(ordersIn(terminal ? output.replace(moves, '') : output, terminal)).toEqual([])
    expect(output).not.toContain('\u001b[31mred')
    // No line of the data's is a line of ours.
    expect(output).not.toMatch(/^tailwatt: all is well/m)
  }
}

// ---- the page

interface Seen {
  readonly title: string
  /** How many there are of each element. */
  readonly elements: Readonly<Record<string, number>>
  readonly problems: readonly string[]
}

/** @param textAlone no element may act, were it allowed to or not */
async function look(html: string, textAlone = true): Promise<Seen> {
  const path = join(scratch, 'page.html')
  writeFileSync(path, html)
  const tab = await browser!.newPage()
  try {
    const problems = watchOver(tab)
    await tab.goto(pathToFileURL(path).href)
    // What waits for a pointer or the focus gets both.
    await tab.mouse.move(300, 300)
    await tab.keyboard.press('Tab')
    return { ...(await contents(tab, textAlone)), problems }
  } finally {
    await tab.close()
  }
}

function watchOver(tab: Page): string[] {
  const problems: string[] = []
  tab.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())))
  tab.on('pageerror', (error) => problems.push(error.message))
  tab.on('dialog', (dialog) => void (problems.push(dialog.message()), dialog.dismiss()))
  tab.on('request', (request) => void (/^(?:file|data):/.test(request.url()) || problems.push(request.url())))
  tab.on('framenavigated', (frame) => void (frame.parentFrame() && problems.push(`a frame: ${frame.url()}`)))
  return problems
}

const contents = async (tab: Page, textAlone = true): Promise<Omit<Seen, 'problems'>> => {
  const found = (await tab.evaluate(`({
    title: document.title,
    owned: typeof owned !== 'undefined',
    live: [...document.querySelectorAll('*')].flatMap((e) => [...e.attributes].map((a) => a.name).filter((n) => /^on|^(style|srcdoc|action)$/.test(n))),
    elements: [...document.querySelectorAll('*')].reduce((all, { localName }) => ({ ...all, [localName]: (all[localName] ?? 0) + 1 }), {}),
  })`)) as Omit<Seen, 'problems'> & { owned: boolean; live: string[] }
  expect(found.owned).toBe(false)
  if (textAlone) expect(found.live).toEqual([])
  expect(found.title).not.toBe('owned')
  return { title: found.title, elements: found.elements }
}

/** The elements of a page as its text has them. */
const tagsOf = (html: string): string => (html.match(/<[/!]?[a-zA-Z]+/g) ?? []).join(' ')

async function sameAs(hostile: string, tame: string): Promise<void> {
  expect(tagsOf(hostile)).toBe(tagsOf(tame))
  expect(ordersIn(hostile)).toEqual([])
  if (!browser) return
  const [seen, expected] = [await look(hostile), await look(tame)]
  expect(seen.problems).toEqual([])
  expect(seen.elements).toEqual(expected.elements)
  expect(seen.title).toMatch(/tailwatt$/)
}

/** Of a run that was measured, so drawn as it happened to go: no element of a kind that reports have not. */
async function tame(html: string): Promise<void> {
  expect(ordersIn(html)).toEqual([])
  const own = new Set([...tagsOf(await pageOf('rich', rich, harmless)).split(' '), '<code', '</code'])
  expect(
    tagsOf(html)
      .split(' ')
      .filter((tag) => !own.has(tag)),
  ).toEqual([])
  if (!browser) return
  const seen = await look(html)
  expect(seen.problems).toEqual([])
  expect(seen.title).toMatch(/ – tailwatt$/)
}

// ---- a run folder

type Parse = (value: unknown) => unknown
const accepts = (parse: Parse, value: unknown): boolean => {
  try {
    parse(JSON.parse(JSON.stringify(value)))
    return true
  } catch {
    return false
  }
}
const general = (path: string): string => path.replace(/\/\d+(?=\/|$)/g, '/*')

/** Every place of a string that may be any text, by the schema: the others it refuses, which is as good. */
function freeTexts(data: object, parse: Parse): ReadonlySet<string> {
  const places = new Set<string>()
  withTexts(data, (before, path) => (places.add(general(path)), before))
  const free = [...places].filter((place) =>
    accepts(
      parse,
      withTexts(data, (before, path) => (general(path) === place ? harmless : before)),
    ),
  )
  return new Set(free)
}

/** The same with that text at the end of every text, so that what refers to another still does, and under that key in every table of names. */
function filled<T extends object>(data: T, parse: Parse, text: string, free = freeTexts(data, parse)): T {
  const texts = withTexts(data, (before, path) => (free.has(general(path)) ? before + text : before))
  let keyed: unknown = texts
  for (const place of tablesOf(texts)) {
    const more = at(keyed, place, (table) => ({ ...table, [text]: Object.values(table)[0] }))
    if (accepts(parse, more)) keyed = more
  }
  return keyed as T
}

/** Objects whose keys are names of somebody's. */
function tablesOf(data: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof data !== 'object' || data === null) return []
  const inner = Object.entries(data).flatMap(([key, value]) => tablesOf(value, [...path, key]))
  const named = /^(?:operators|options|evidence|size_distribution|figures|cpu|dims)$/.test(path.at(-1) ?? '')
  return named && !Array.isArray(data) && Object.keys(data).length > 0 ? [path, ...inner] : inner
}

function at(data: unknown, [key, ...rest]: readonly string[], change: (table: object) => object): unknown {
  if (key === undefined) return change(data as object)
  const copy = Array.isArray(data) ? [...(data as unknown[])] : { ...(data as object) }
  Object.assign(copy, { [key]: at((data as Record<string, unknown>)[key], rest, change) })
  return copy
}

/** A finished run of that document. */
function runFolder(name: string, document: object): string {
  const folder = join(scratch, 'runs', name)
  cpSync(join(fixtures, 'runs/v1'), folder, { recursive: true })
  writeFileSync(join(folder, 'run.json'), JSON.stringify(document))
  return folder
}

const stored = parseRunDocument(JSON.parse(readFileSync(join(fixtures, 'runs/v1/run.json'), 'utf8')))
const opened = await openRun('demo:h100')
const demo = opened.document
const tables = await opened.measured()
/** What the two have not. */
const rich: RunDocument = {
  ...demo,
  advice: [{ flag: 'flag', metric: 'p50', change: null, low: null, high: null, n: 0, failure: 'failure' }],
  sla: [{ ...stored.sla[0]!, reason: 'reason' }],
  unmeasured: [{ what: 'gpu_activity', reason: 'reason', remedy: 'remedy' }],
  findings: [
    {
      ...stored.findings[0]!,
      id: 'id',
      severity: 'critical',
      title: 'title',
      advice: 'advice',
      evidence: { key: 'value' },
    },
  ],
  requests: { ...demo.requests, errors: [{ code: 'code', count: 1, message: 'message' }] },
} as RunDocument

const documents = { stored, rich }
const known = new Map<object, ReadonlySet<string>>()
function free(document: object): ReadonlySet<string> {
  if (!known.has(document)) known.set(document, freeTexts(document, parseRunDocument))
  return known.get(document)!
}

/** The report of a folder with that text in every field. */
async function pageOf(name: string, document: RunDocument, text: string): Promise<string> {
  const hostile = filled(document, parseRunDocument, text, free(document))
  // The tables of the rich one are the demo's, with channels, devices and GPUs that are called so too.
  const { host, channels } = hostile
  const measured = { ...tables, manifest: { ...tables.manifest, host, channels } }
  return document === rich ? htmlReport(measured, hostile) : reportHtml(await openRun(runFolder(name, hostile)))
}

describe('a run folder', () => {
  test('every text of run.json that a reader shows is tried, and every chart', async () => {
    const page = await pageOf('rich', rich, harmless)
    for (const each of ['held back (seconds)', 'class="gap"', 'class="key ', 'Ceilings', 'Evidence'])
      expect(page).toContain(each)
    expect(() => parseRunDocument(JSON.parse(JSON.stringify(rich)))).not.toThrow()
    const places = [...free(rich), ...free(stored)]
    for (const place of [
      '/target/name',
      '/host/gpus/*/name',
      '/host/gpus/*/uuid',
      '/host/cpu_model',
      '/channels/*/id',
      '/channels/*/device',
      '/findings/*/title',
      '/findings/*/evidence/key',
      '/findings/*/advice',
      '/unmeasured/*/reason',
      '/unmeasured/*/remedy',
      '/unmeasured/*/what',
      '/advice/*/failure',
      '/sla/*/rule',
      '/tool/command/*',
      '/synthetic/note',
      '/thermal/throttled/*/reason',
      '/energy/chain/*/parts/*/name',
      '/requests/errors/*/message',
    ])
      expect(places).toContain(place)
  })

  test.each(Object.entries({ ...adversarial, 'all of it': allAdversarial }))(
    '%s in every field',
    async (name, text) => {
      for (const [kind, document] of Object.entries(documents)) {
        const [hostile, tame] = [await pageOf(kind, document, text), await pageOf(kind, document, tamed(text))]
        expect(tagsOf(hostile), kind).toBe(tagsOf(tame))
        expect(ordersIn(hostile), kind).toEqual([])
        if (name === 'all of it') await sameAs(hostile, tame)
      }
    },
  )

  inBrowser('each of them on a page of its own', async () => {
    const page = async (text: string): Promise<Seen> => look(await pageOf('each', stored, text))
    for (const [name, text] of Object.entries(adversarial)) {
      const seen = await page(text)
      expect(seen.problems, name).toEqual([])
      expect(seen.elements, name).toEqual((await page(tamed(text))).elements)
    }
  })

  inBrowser(
    'and were it markup all the same, the policy would let none of it run',
    async () => {
      const html = await reportHtml(await openRun(runFolder('markup', stored)))
      for (const name of ['script', 'end of an attribute', 'an SVG that loads', 'a drawing’s foreign object']) {
        const seen = await look(
          html.replace('<main>', () => `<main>${adversarial[name]}`),
          false,
        )
        expect(seen.problems.join(), name).toMatch(/Content Security Policy/)
        expect(seen.title).toBe('example.onnx – tailwatt')
      }
      expect(html).toMatch(/script-src &#39;sha256-[\w+/=]+&#39;;/)
      expect(html).not.toContain('unsafe')
    },
    120_000,
  )

  test.each(Object.entries(documents))('%s, shown, listed and reported in a terminal', async (kind, document) => {
    // The folder's own name too, as far as a file system takes it.
    const name = `${argument.replaceAll('/', '∕').slice(0, 60)}\u001b[31m\u009b2J\n\u202e`
    const folder = runFolder(name, filled(document, parseRunDocument, allAdversarial, free(document)))
    for (const terminal of [false, true]) {
      for (const args of [
        ['show', folder],
        ['show', folder, '--json'],
        ['show', folder, '--readings'],
        ['list', '--out', join(scratch, 'runs')],
        ['list', '--json', '--out', join(scratch, 'runs')],
        ['report', folder],
      ]) {
        const output = await tailwatt(args, terminal)
        expect(output, args[0]).toMatchObject({ status: 0, stderr: '' })
        expect(output.stdout).not.toBe('')
        quiet(output, terminal)
        if (args.includes('--json')) JSON.parse(output.stdout)
      }
    }
    const json = JSON.parse((await tailwatt(['show', folder, '--json'])).stdout) as RunDocument
    expect(json.target.name, kind).toContain(allAdversarial)
    rmSync(folder, { recursive: true })
  })

  test('one that was cut off, events and all', async () => {
    const manifest = JSON.parse(readFileSync(join(fixtures, 'runs/v1-killed/run.json'), 'utf8')) as object
    // A rule that is none is refused when the run is analysed.
    const places = new Set([...freeTexts(manifest, parseManifest)].filter((place) => !/sla|until/.test(place)))
    const killed = async (text: string, name: string): Promise<string> => {
      const out = join(scratch, name)
      const writer = createRun(
        out,
        parseManifest({ ...filled(manifest, parseManifest, text, places), id: 'a'.repeat(32) }),
      )
      const event = (kind: string, data: object): void =>
        writer.appendEvent({ recording: 0, t: 1e6, kind, data } as unknown as Parameters<typeof writer.appendEvent>[0])
      event('error', { code: text, message: text, request: 1 })
      event('phase', { name: text, edge: 'begin' })
      event('gc', { thread: text, kind: text, duration_ms: 1 })
      event(text, { [text]: text })
      writer.release()
      return writer.folder
    }
    const [hostile, tame] = [await killed(allAdversarial, 'killed'), await killed(tamed(allAdversarial), 'killed-tame')]
    for (const terminal of [true, false]) {
      const shown = await tailwatt(['show', hostile], terminal)
      expect(shown).toMatchObject({ status: 0, stderr: '' })
      quiet(shown, terminal)
    }
    await sameAs(await reportHtml(await openRun(hostile)), await reportHtml(await openRun(tame)))
  })

  test('one that is damaged is called that in a line', async () => {
    const folder = runFolder('damaged', {})
    for (const text of [
      JSON.stringify({ schema: allAdversarial }),
      allAdversarial,
      JSON.stringify({ ...stored, state: allAdversarial }),
    ]) {
      writeFileSync(join(folder, 'run.json'), text)
      const output = await tailwatt(['show', folder])
      expect(output).toMatchObject({ status: 2, stdout: '' })
      expect(output.stderr).toMatch(/^tailwatt: [^\n]+\n$/)
      quiet(output)
    }
  })
})

// ---- names and arguments

const argumentsTried: Readonly<Record<string, readonly string[]>> = {
  'an unknown verb': [argument],
  'an unknown flag': ['run', 'x', `--${argument}`],
  'a value that cannot be': ['run', 'x', '--rate', argument],
  'a header that is none': ['run', 'x', '--header', argument],
  'a file that is not there': ['run', `${argument}.onnx`],
  'an address that is none': ['run', `http://${argument}`],
  'a model of no zoo': ['run', `zoo:${argument}`],
  'a run that is not there': ['show', argument],
  'a demo that is not there': ['show', `demo:${argument}`],
  'a page that cannot be written': ['report', 'demo:h100', '--to', `/nowhere/${argument}`],
  'a word that is not known': ['explain', argument],
  'a rule that is none': ['run', steady, '--sla', argument],
  'a sensor that is none': ['run', steady, '--sensors', argument],
  'a region that is none': ['show', 'demo:h100', '--region', argument],
  'one argument too many': ['show', 'a', argument],
}

test.each(Object.entries(argumentsTried))('%s is a sentence that orders nothing', async (_, args) => {
  for (const terminal of [false, true]) {
    const output = await tailwatt(args, terminal)
    expect(output.status).toBeGreaterThan(0)
    expect(output.stdout).toBe('')
    expect(output.stderr.replace(moves, '')).toMatch(/^(?:reading the model\n?)?tailwatt: [^\n]+\n$/)
    quiet(output, terminal)
  }
})

// ---- what is measured

/** Runs it, shows it, and gives its page. */
async function measured(
  args: readonly string[],
  name: string,
): Promise<{ readonly html: string; readonly document: RunDocument }> {
  const out = join(scratch, name)
  const run = await tailwatt(['run', ...args, '--cold', '1', '--idle', '0', '--out', out], true)
  expect(run.status, run.stderr).toBe(0)
  quiet(run, true)
  for (const verb of [['list'], ['show', 'latest'], ['show', 'latest', '--json'], ['show', 'latest', '--readings']])
    quiet(await tailwatt([...verb, '--out', out]))
  const opened = await openRun('latest', { out })
  return { html: await reportHtml(opened), document: opened.document }
}

test('--name', async () => {
  const of = (text: string) =>
    measured([steady, '--requests', '50', '--sensors', 'none', '--name', text], text.slice(0, 3))
  const { html, document } = await of(argument)
  expect(document.name).toContain('<script>')
  await tame(html)
})

withEngine('names within a model', async () => {
  const named = (each: string): Uint8Array => {
    const [x, y, w] = [`x${each}`, `y${each}`, `w${each}`]
    return Buffer.concat([
      collect(
        modelPart(each, 17, [
          nodePart('Add', each, [x, w], [y]),
          tensorPart(5, w, 1, [4], float32Data([1, 2, 3, 4])),
          valuePart(11, x, 1, [each, 4]),
          valuePart(12, y, 1, [each, 4]),
          textPart(10, each),
        ]),
      ),
      // Producer, version, domain, documentation, metadata.
      collect(textPart(2, each)),
      collect(textPart(3, each)),
      collect(textPart(4, each)),
      collect(textPart(6, each)),
      collect(message(14, textPart(1, each), textPart(2, each))),
    ])
  }
  const of = async (each: string, name: string) => {
    const path = join(scratch, `${name}.onnx`)
    writeFileSync(path, named(each))
    return measured([path, '--requests', '50', '--sensors', 'none'], name)
  }
  const { html, document } = await of(argument, 'model')
  expect(JSON.stringify(document.target)).toContain('<script>')
  await tame(html)
})

withEngine('a model that the engine refuses is a sentence, its words included', async () => {
  const path = join(scratch, 'refused.onnx')
  const graph = [
    nodePart(argument, argument, ['x'], ['y'], {}, argument),
    valuePart(11, 'x', 1, [4]),
    valuePart(12, 'y', 1, [4]),
  ]
  writeFileSync(path, collect(modelPart(argument, 17, graph, [argument])))
  const output = await tailwatt(['run', path, '--sensors', 'none', '--quiet', '--cold', '1'], true)
  expect(output.status).toBe(3)
  expect(output.stderr).toMatch(/tailwatt: [^\n]+\n$/)
  quiet(output, true)
})

const listening = async (server: NetServer | Server): Promise<string> => {
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a server: its status texts, headers and bodies', async () => {
  const reason = allAdversarial.replace(/[\r\n]/g, '')
  const answers = [
    `HTTP/1.1 500 ${reason}\r\nContent-Length: 4\r\n\r\nbody`,
    `HTTP/1.1 404 Not Found\r\nX-Header: ${reason}\r\nContent-Type: ${reason}\r\nContent-Length: ${Buffer.byteLength(allAdversarial)}\r\n\r\n${allAdversarial}`,
    `${reason}\r\n\r\n`,
    `HTTP/1.1 200 OK\r\nContent-Length: ${reason}\r\n\r\n`,
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: ${reason}\r\n\r\n${allAdversarial}`,
    `HTTP/1.1 200 OK\r\n${reason}\r\n\r\n`,
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  ]
  let count = 0
  const address = await listening(
    createServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('data', () => socket.end(Buffer.from(answers[count++ % answers.length]!, 'utf8')))
    }),
  )
  const flags = ['--requests', '70', '--sensors', 'none', '--max-errors', '100%', '--header', 'X-Name: <script>']
  const of = (path: string) =>
    measured([`http://${address}/${encodeURIComponent(path)}`, ...flags], `http-${path.slice(0, 3)}`)
  const { html, document } = await of(argument.replace(/\p{Surrogate}/gu, ''))
  expect(document.requests.errors.length).toBeGreaterThan(1)
  await tame(html)
  // Where most fail, the sentence says what they said.
  const refused = await tailwatt(
    ['run', `http://${address}/`, '--requests', '70', '--cold', '1', '--sensors', 'none'],
    true,
  )
  expect(refused.status).toBe(3)
  quiet(refused, true)
})

const quoted = (label: string): string => label.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')
const exporter = (text: string): Promise<string> => {
  const started = performance.now()
  const labels = `{gpu="${quoted(text)}",UUID="${quoted(text)}",device="${quoted(text)}",modelName="${quoted(text)}",Hostname="${quoted(text)}"}`
  return listening(
    createHttpServer((_, response) => {
      const s = (performance.now() - started) / 1e3
      const values = {
        GPU_TEMP: 80,
        SM_CLOCK: 1400,
        POWER_USAGE: 300,
        TOTAL_ENERGY_CONSUMPTION: s * 3e5,
        THERMAL_VIOLATION: s * 6e8,
        GPU_UTIL: 50,
      }
      response.end(
        Object.entries(values)
          .map(([name, value]) => `DCGM_FI_DEV_${name}${labels} ${Math.round(value)}\n`)
          .join(''),
      )
    }),
  )
}

test('a meter: the labels of dcgm-exporter', async () => {
  const of = async (text: string, name: string) =>
    measured([steady, '--for', '3s', '--sensors', `dcgm:${await exporter(text)}`], name)
  // A line of the exporter ends where a line of text does.
  const hostile = await of(argument.replace(/[\r\u2028\u2029]/g, ''), 'dcgm')
  expect(JSON.stringify(hostile.document.channels)).toContain('<script>')
  await tame(hostile.html)
})

test('a meter: the channels of a recording, and what it says of itself', async () => {
  const of = async (text: string, name: string) => {
    const channel = { sensor: text, quantity: 'power', unit: 'W', kind: 'gauge', scope: 'wall', grade: 'A' }
    const channels = ['a', 'b'].map((end) => ({ ...channel, id: `${text}/${end}`, device: text + end }))
    const rows = Array.from({ length: 400 }, (_, i) => [i * 2e7, i % 2, 50 + (i % 5)])
    const header = { format: 'tailwatt.readings/1', about: text, from: 1e9, channels }
    const path = join(scratch, `${name}.ndjson`)
    writeFileSync(path, [header, ...rows].map((row) => JSON.stringify(row)).join('\n'))
    quiet(await tailwatt(['doctor'], true, { TAILWATT_SENSORS: `replay:${path}` }), true)
    return measured([steady, '--for', '2s', '--sensors', `replay:${path}`], name)
  }
  const hostile = await of(allAdversarial, 'replayed')
  expect(JSON.stringify(hostile.document.channels)).toContain('<script>')
  await tame(hostile.html)
})

test.each(['shelly', 'tasmota'] as const)('a meter: the names that a %s gives itself', async (kind) => {
  const texts = (routes: Routes, text: string): Routes =>
    Object.fromEntries(
      Object.entries(routes).map(([path, route]) => [
        path,
        (state) =>
          withTexts(route(state), (before, at) => (/\/(?:gen|type|num_meters|auth\w*)$/.test(at) ? before : text)),
      ]),
    )
  for (const [name, routes] of Object.entries(devices).filter(([each]) => each.startsWith(kind))) {
    const meter = await startMeter({ routes: texts(routes, allAdversarial) })
    try {
      const doctor = await tailwatt(['doctor'], true, { TAILWATT_SENSORS: `${kind}:${meter.address}` })
      expect(doctor.status, name).toBe(0)
      quiet(doctor, true)
      const run = await tailwatt(
        [
          'run',
          steady,
          '--requests',
          '50',
          '--cold',
          '1',
          '--idle',
          '0',
          '--sensors',
          `${kind}:${meter.address}`,
          '--out',
          join(scratch, name),
        ],
        true,
      )
      quiet(run, true)
      if (run.status === 0)
        expect(ordersIn(await reportHtml(await openRun('latest', { out: join(scratch, name) })))).toEqual([])
    } finally {
      await meter.close()
    }
  }
})

test('watch, of a process whose name is an order', async () => {
  // What `ps` calls it: 15 bytes, set by the process itself.
  const child = spawn(process.execPath, ['-e', "process.title='\\u001b[2J<b>\\u009b\\n';setInterval(()=>0,1e3)"])
  try {
    await new Promise((done) => setTimeout(done, 500))
    for (const terminal of [false, true]) {
      const output = await tailwatt(['watch', '--pid', String(child.pid), '--for', '2s'], terminal)
      expect(output.status).toBe(0)
      quiet(output, terminal)
    }
  } finally {
    child.kill('SIGKILL')
  }
})

// ---- the live page

inBrowser('the live page, to its end as the report', async () => {
  const target = (text: string) => module(`/x/${text.replaceAll('/', '∕')}.mjs`, {})
  const counts = async (text: string, end: 'report' | 'message'): Promise<Readonly<Record<string, number>>[]> => {
    const live = await serveLive({ target: target(text) })
    const { url } = live
    const tab = await browser!.newPage()
    const problems = watchOver(tab)
    try {
      await tab.goto(url)
      await tab.waitForSelector('text=Live from tailwatt')
      live.show({ stage: 'cold-start', message: text, elapsed_s: 0, sent: 0, failed: 0 })
      await tab.waitForSelector('text=Measuring the cold start')
      const during = await contents(tab)
      expect(during.title).toMatch(/tailwatt, live$/)
      const document = { ...stored, target: { ...stored.target, name: text } }
      const report = await reportHtml(await openRun(runFolder('live', filled(document, parseRunDocument, text))))
      await live.end(end === 'report' ? { report } : { message: text })
      await tab.waitForSelector(end === 'report' ? 'text=Load certificate' : 'text=The run has ended.')
      const after = await contents(tab)
      expect(after.title).toMatch(end === 'report' ? / – tailwatt$/ : /tailwatt, live$/)
      // Our own server is asked, nobody else.
      expect(problems.filter((each) => !each.startsWith(url))).toEqual([])
      return [during.elements, after.elements]
    } finally {
      await tab.close()
      await live.end({ message: 'over' }).catch(() => undefined)
    }
  }
  for (const end of ['report', 'message'] as const)
    expect(await counts(allAdversarial, end)).toEqual(await counts(tamed(allAdversarial), end))
})
