// What names, models, servers and meters may say, in every field of them: a run of them is measured, shown and reported without
// an order to the terminal or an element of theirs in the page.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer, type AddressInfo, type Server as NetServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openRun, reportHtml, type RunDocument } from '../dist/index.js'
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
import { allAdversarial, ordersIn, withTexts } from './fixtures/adversarial.ts'
import { moves, quiet, scratch, tailwatt } from './fixtures/hostile-output.ts'
import { argument, tame } from './fixtures/hostile-run.ts'
import { devices, startMeter, type Routes } from './fixtures/meter-server.ts'
import { needsEngine } from './requirement.ts'

const steady = join(import.meta.dirname, 'fixtures/targets/steady.mjs')
const withEngine = needsEngine()

const servers: (Server | NetServer)[] = []
afterAll(() => {
  for (const server of servers) server.close()
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
    expect(output.stderr.replace(moves, '')).toMatch(/^(?:looking at the target\n?)?tailwatt: [^\n]+\n$/)
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
    const header = { format: 'tailwatt.readings/2', about: text, from: 1e9, channels }
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
  const own = Object.entries(devices).filter(([each]) => (each === 'tasmota') === (kind === 'tasmota'))
  expect(own).not.toEqual([])
  for (const [name, routes] of own) {
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
