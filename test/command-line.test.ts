// The whole command line on what goes wrong or is cut short: each case one clear sentence, the right exit code, and nothing
// measured is lost.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createSocketServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { collect, int64Data, modelPart, nodePart, tensorPart, valuePart } from '../dist/onnx/write.js'
import { needs, needsEngine } from './requirement.ts'

const root = join(import.meta.dirname, '..')
const main = join(root, 'dist/cli/main.js')
const scratch = mkdtempSync(join(tmpdir(), 'tailwatt-cli-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(scratch, { recursive: true, force: true })
})

const withEngine = needsEngine()
const env = { ...process.env, NO_COLOR: '1' }

withEngine('the engine does not start its telemetry, which leaves files behind', () => {
  const folder = mkdtempSync(join(scratch, 'temporary-'))
  // What would keep it from starting by itself.
  const bare = Object.entries(env).filter(([name]) => !/^(?:ORT_.*|CI|GITHUB_ACTIONS|TF_BUILD)$/.test(name))
  const run = [main, 'run', 'zoo:mlp', '--requests', '5', '--cold', '1', '--idle', '0', '--ceilings', '--quiet']
  const result = spawnSync(process.execPath, run, {
    cwd: scratch,
    env: { ...Object.fromEntries(bare), TMPDIR: folder, TAILWATT_CACHE: folder },
  })
  expect(result.status, String(result.stderr)).toBe(0)
  expect(readdirSync(folder).filter((name) => /mat-debug|\.ses$/.test(name))).toEqual([])
})

interface Result {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Not `spawnSync`: the servers of the tests live in this very process. */
function tailwatt(
  args: readonly string[],
  options: { readonly before?: string; readonly main?: string } = {},
): Promise<Result> {
  const command = [process.execPath, options.main ?? main, ...args]
  const child =
    options.before === undefined
      ? spawn(command[0]!, command.slice(1), { cwd: scratch, env })
      : spawn('sh', ['-c', `${options.before}; exec "$@"`, 'sh', ...command], { cwd: scratch, env })
  children.push(child)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part))
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part))
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })))
}

/** The last line of stderr is the sentence; nothing looks like a stack trace. */
function sentence({ stderr }: Result): string {
  expect(stderr).not.toMatch(/^\s+at /m)
  return stderr.trim().split('\n').at(-1)!
}

const shown = async (out: string): Promise<{ state: string; requests: { sent: number; ok: number } }> =>
  JSON.parse((await tailwatt(['show', 'latest', '--out', out, '--json'])).stdout) as never

describe('interruption', () => {
  withEngine('Ctrl-C ends with 130, a summary, and a run that can be reported', async () => {
    const out = join(scratch, 'interrupted')
    const child = spawn(process.execPath, [main, 'run', 'zoo:mlp', '--for', '60s', '--cold', '1', '--out', out], {
      cwd: scratch,
      env,
      detached: true,
    })
    children.push(child)
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (part: Buffer) => (stdout += part.toString()))
    const sending = new Promise<void>((resolve) =>
      child.stderr.on('data', (part: Buffer) => {
        stderr += part.toString()
        if (/requests/.test(stderr)) resolve()
      }),
    )
    await sending
    await new Promise((resolve) => setTimeout(resolve, 500))
    // As a terminal does: to the whole process group, load host included.
    process.kill(-child.pid!, 'SIGINT')
    const status = await new Promise((resolve) => child.on('close', resolve))
    expect(status).toBe(130)
    expect(stdout).toContain('interrupted')
    expect(stdout).toMatch(/p50/)
    const document = await shown(out)
    expect(document.state).toBe('interrupted')
    expect(document.requests.ok).toBeGreaterThan(0)
    expect(document.requests.ok).toBe(document.requests.sent)
    const page = join(scratch, 'interrupted.html')
    expect((await tailwatt(['report', 'latest', '--out', out, '--to', page])).status).toBe(0)
    expect(readFileSync(page, 'utf8')).toContain('interrupted')
  })

  withEngine('Ctrl-C before the first request leaves no run behind', async () => {
    const out = join(scratch, 'early')
    const child = spawn(process.execPath, [main, 'run', 'zoo:mobilenetv2', '--cold', '50', '--out', out], {
      cwd: scratch,
      env,
    })
    children.push(child)
    let stderr = ''
    await new Promise<void>((resolve) =>
      child.stderr.on('data', (part: Buffer) => {
        stderr += part.toString()
        if (/cold start/.test(stderr)) resolve()
      }),
    )
    child.kill('SIGINT')
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(130)
    expect(stderr.trim().split('\n').at(-1)).toMatch(/^tailwatt: interrupted before the first request/)
    expect(existsSync(out) ? readdirSync(out) : []).toEqual([])
  })

  withEngine('a live run can be shown and listed while it goes on, and is not disturbed', async () => {
    const out = join(scratch, 'live')
    const going = tailwatt(['run', 'zoo:mlp', '--rate', '200/s', '--for', '6s', '--cold', '1', '--out', out, '--json'])
    await new Promise((resolve) => setTimeout(resolve, 4000))
    const live = await tailwatt(['show', 'latest', '--out', out])
    expect(live.status, live.stderr).toBe(0)
    expect(live.stdout).toContain('still running')
    expect(live.stdout).toMatch(/p99 /)
    const list = JSON.parse((await tailwatt(['list', '--out', out, '--json'])).stdout) as { state: string }[]
    expect(list.map(({ state }) => state)).toEqual(['live'])
    const result = await going
    expect(result.status).toBe(0)
    const document = JSON.parse(result.stdout) as { state: string; requests: { sent: number } }
    expect(document).toMatchObject({ state: 'complete', requests: { sent: 1200 } })
  })
})

describe('storing', () => {
  withEngine('a disk that fills up ends with 4, says so, and keeps what was written', async () => {
    await tailwatt(['zoo', 'build', 'mlp'])
    const out = join(scratch, 'full')
    // A limit on the size of files stands for the full disk: writing fails half-way through.
    const result = await tailwatt(['run', 'zoo:mlp', '--for', '20s', '--cold', '1', '--out', out, '--quiet'], {
      before: "trap '' XFSZ; ulimit -f 400",
    })
    expect(result.status).toBe(4)
    expect(sentence(result)).toMatch(/^tailwatt: cannot write .*--out\.$/)
    const document = await shown(out)
    expect(document.requests.ok).toBeGreaterThan(100)
  })

  const asRoot = process.getuid?.() === 0
  needs(
    'not being root',
    !asRoot,
    'root may write anywhere',
  )('a folder without write permission ends with 4', async () => {
    const out = join(scratch, 'readonly')
    mkdirSync(out, { mode: 0o555 })
    const result = await tailwatt(['run', 'zoo:mlp', '--requests', '10', '--cold', '1', '--out', out, '--quiet'])
    expect(result.status).toBe(4)
    expect(sentence(result)).toMatch(/^tailwatt: cannot write/)
  })
})

describe('engines and models', () => {
  test('a missing engine ends with 3 and says how to install it', async () => {
    // The tool as npm would have installed it without its optional dependencies.
    const copy = join(scratch, 'without-engine')
    mkdirSync(join(copy, 'node_modules'), { recursive: true })
    cpSync(join(root, 'dist'), join(copy, 'dist'), { recursive: true })
    cpSync(join(root, 'package.json'), join(copy, 'package.json'))
    for (const name of readdirSync(join(root, 'node_modules')))
      if (!/^(?:\.|onnxruntime|koffi)/.test(name))
        symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name))
    const result = await tailwatt(['run', 'zoo:mlp', '--requests', '10', '--quiet'], {
      main: join(copy, 'dist/cli/main.js'),
    })
    expect(result.status).toBe(3)
    expect(sentence(result)).toBe(
      'tailwatt: the engine onnxruntime-node is not installed. npm install onnxruntime-node',
    )
    const doctor = await tailwatt(['doctor', '--json'], { main: join(copy, 'dist/cli/main.js') })
    const rows = JSON.parse(doctor.stdout) as { id: string; ok: boolean; remedy: string }[]
    expect(rows.find(({ id }) => id === 'onnxruntime-node')).toMatchObject({
      ok: false,
      remedy: 'npm install onnxruntime-node',
    })
  })

  /** One node with four floats in and out. */
  const model = (operator: string, opset: number, sizes?: readonly number[]) => {
    const path = join(scratch, `${operator}-${opset}.onnx`)
    const shape = sizes && [tensorPart(5, 'shape', 7, [sizes.length], int64Data(sizes))]
    const graph = [
      nodePart(operator, 'node', shape ? ['x', 'shape'] : ['x'], ['y']),
      ...(shape ?? []),
      valuePart(11, 'x', 1, [4]),
      valuePart(12, 'y', 1, sizes ?? [4]),
    ]
    writeFileSync(path, collect(modelPart('one node', opset, graph)))
    return path
  }

  withEngine('an opset or an operator that the engine lacks ends with 3', async () => {
    expect((await tailwatt(['run', model('Relu', 17), '--requests', '20', '--cold', '1', '--quiet'])).status).toBe(0)
    for (const path of [model('Relu', 9999), model('NoSuchOperator', 17)]) {
      const result = await tailwatt(['run', path, '--requests', '20', '--quiet'])
      expect(result.status, result.stderr).toBe(3)
      expect(sentence(result)).toMatch(/^tailwatt: the engine refuses .*\. Export for an older opset/)
    }
  })

  withEngine('an engine that runs out of memory ends with 3', async () => {
    const result = await tailwatt(['run', model('Expand', 17, [1e6, 1e6, 4]), '--requests', '20', '--quiet'])
    expect(result.status, result.stderr).toBe(3)
    expect(sentence(result)).toMatch(/^tailwatt: memory ran out: .* Use a smaller --batch/)
  })

  withEngine('inputs larger than memory end with 3, not with a crash', async () => {
    const result = await tailwatt([
      'run',
      'zoo:mobilenetv2',
      '--batch',
      '1000000',
      '--requests',
      '10',
      '--cold',
      '1',
      '--quiet',
    ])
    expect(result.status, result.stderr).toBe(3)
    expect(sentence(result)).toMatch(/^tailwatt: memory ran out: .* Use a smaller --batch/)
  })
})

describe('servers', () => {
  const servers: { close(): unknown }[] = []
  afterAll(() => servers.forEach((server) => server.close()))
  const listen = (server: Server | ReturnType<typeof createSocketServer>): Promise<string> =>
    new Promise((resolve) => {
      servers.push(server)
      server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`))
    })
  const run = (url: string, ...more: readonly string[]): Promise<Result> =>
    tailwatt([
      'run',
      url,
      '--body',
      '{"n":{{ticket}}}',
      '--requests',
      '60',
      '--cold',
      '1',
      '--quiet',
      '--out',
      join(scratch, 'http'),
      ...more,
    ])

  test('one that refuses connections', async () => {
    const result = await run('http://127.0.0.1:9/v1')
    expect(result.status).toBe(3)
    expect(sentence(result)).toMatch(/^tailwatt: the target failed at the start: the server refuses connections/)
  })

  test('one whose name is not known', async () => {
    const result = await run('http://no-such-host.invalid/')
    expect(result.status).toBe(3)
    expect(sentence(result)).toMatch(/no-such-host\.invalid/)
  })

  test('one that never answers', async () => {
    const url = await listen(createServer(() => undefined))
    const result = await run(url, '--timeout', '300ms')
    expect(result.status).toBe(3)
    expect(sentence(result)).toMatch(/no answer in time/)
  })

  test('one that answers 500: the run is kept, the errors are counted', async () => {
    const url = await listen(
      createServer((request, response) => {
        request.resume()
        response.writeHead(500).end('no')
      }),
    )
    const result = await run(url)
    expect(result.status).toBe(3)
    expect(sentence(result)).toMatch(/100 % of the requests failed \(limit 1 %\), most often: HTTP 500/)
    expect(result.stdout).toContain('60 failed')
  })

  test('one that does not speak HTTP', async () => {
    const url = await listen(
      createSocketServer((socket) => socket.on('error', () => undefined).end('220 smtp ready\r\n')),
    )
    const result = await run(url)
    expect(result.status).toBe(3)
    expect(sentence(result)).toMatch(/the target failed at the start/)
  })

  test('one that dies in mid-run: what was measured is kept', async () => {
    let answered = 0
    const server = createServer((request, response) => {
      request.resume()
      response.end('ok')
      if (++answered === 30) {
        server.close()
        setImmediate(() => server.closeAllConnections())
      }
    })
    const result = await run(await listen(server))
    expect(result.status).toBe(3)
    expect(sentence(result)).toMatch(/% of the requests failed/)
    expect(result.stdout).toMatch(/\b(?:2|3)\d ok/)
  })

  test('secrets in the URL and in headers reach neither the summary nor the run folder', async () => {
    const url = await listen(
      createServer((request, response) => {
        request.resume()
        response.end('ok')
      }),
    )
    const result = await run(
      url.replace('http://', 'http://user:hunter2@'),
      '--header',
      'authorization: Bearer s3cr3t-token',
      '--header',
      'x-api-key: s3cr3t-key',
    )
    expect(result.status, result.stderr).toBe(0)
    const folder = join(scratch, 'http', readdirSync(join(scratch, 'http')).sort().at(-1)!)
    const stored = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
    for (const secret of ['hunter2', 's3cr3t'])
      expect([result.stdout, result.stderr, ...stored].filter((part) => part.includes(secret))).toEqual([])
  })
})

describe('load and judgement', () => {
  withEngine('a rate that cannot be reached is said, and with --strict ends with 6', async () => {
    const result = await tailwatt([
      'run',
      'zoo:mobilenetv2',
      '--rate',
      '5k/s',
      '--for',
      '2s',
      '--cold',
      '1',
      '--strict',
      '--threads',
      '1',
      '--quiet',
    ])
    expect(result.status).toBe(6)
    expect(result.stdout).toMatch(/cannot|was not reached|queue kept growing/)
  })

  withEngine('--on-breach runs its command once, with the facts on stdin', async () => {
    const facts = join(scratch, 'breach.json')
    const result = await tailwatt([
      'run',
      'zoo:mlp',
      '--for',
      '4s',
      '--cold',
      '1',
      '--sla',
      'p50<1us',
      '--sla',
      'p99<1us',
      '--on-breach',
      `cat >> ${facts}`,
      '--json',
      '--quiet',
    ])
    expect(result.status).toBe(5)
    const lines = readFileSync(facts, 'utf8').trim().split('\n')
    expect(lines).toHaveLength(1)
    const told = JSON.parse(lines[0]!) as Record<string, unknown>
    expect(told).toMatchObject({ unit: 'ms', limit: 0.001, target: 'zoo:mlp' })
    expect(told['value']).toBeGreaterThan(0.001)
    expect(told['run']).toBe((JSON.parse(result.stdout) as { id: string }).id)
  })

  withEngine('a command on breach that fails or does not read harms nothing', async () => {
    const result = await tailwatt([
      'run',
      'zoo:mlp',
      '--for',
      '3s',
      '--cold',
      '1',
      '--sla',
      'p50<1us',
      '--on-breach',
      'exit 7',
      '--quiet',
    ])
    expect(result.status).toBe(5)
    expect(sentence(result)).toBe('')
  })

  withEngine('--repeats gives one group, and what differs between its runs', async () => {
    const out = join(scratch, 'repeats')
    const result = await tailwatt([
      'run',
      'zoo:mlp',
      '--requests',
      '400',
      '--cold',
      '1',
      '--repeats',
      '3',
      '--out',
      out,
      '--json',
      '--quiet',
    ])
    expect(result.status).toBe(0)
    const document = JSON.parse(result.stdout) as {
      repeats: { runs: string[]; latency_ms: { p50: { low: number; value: number; high: number; n: number } } }
    }
    expect(new Set(document.repeats.runs).size).toBe(3)
    const { p50 } = document.repeats.latency_ms
    expect(p50.n).toBe(3)
    expect(p50.low).toBeLessThan(p50.value)
    expect(p50.high).toBeGreaterThan(p50.value)
    expect(readdirSync(out)).toHaveLength(3)
    const groups = readdirSync(out).map(
      (name) => (JSON.parse(readFileSync(join(out, name, 'run.json'), 'utf8')) as { group: string }).group,
    )
    expect(new Set(groups).size).toBe(1)
  })

  withEngine('--advise measures other settings and shows their gains with intervals', async () => {
    const result = await tailwatt([
      'run',
      'zoo:mlp',
      '--requests',
      '400',
      '--cold',
      '1',
      '--threads',
      '1',
      '--advise',
      '--json',
      '--quiet',
    ])
    expect(result.status).toBe(0)
    const { advice } = JSON.parse(result.stdout) as {
      advice: { flag: string; metric: string; change: number; low: number; high: number; n: number }[]
    }
    expect(advice.map(({ flag }) => flag)).toContain('--opt basic')
    for (const row of advice) {
      expect(row.n, JSON.stringify(row)).toBe(8)
      expect(row.low).toBeLessThanOrEqual(row.change)
      expect(row.high).toBeGreaterThanOrEqual(row.change)
    }
    expect(advice.filter(({ flag }) => flag === '--opt basic').map(({ metric }) => metric)).toEqual(['p50', 'p99'])
  })
})

test('the help of every verb fits 80 columns', () => {
  for (const verb of [[], ['run'], ['list'], ['show'], ['report'], ['doctor'], ['zoo'], ['explain']]) {
    const { stdout, status } = spawnSync(process.execPath, [main, ...verb, '--help'], {
      encoding: 'utf8',
      env: { ...env, COLUMNS: '80' },
    })
    expect(status).toBe(0)
    for (const line of stdout.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(80)
  }
})
