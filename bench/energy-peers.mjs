// tailwatt, CodeCarbon and Zeus on the same fake powercap tree: what a read costs, and the joules each gets right over
// wraps, resets and zones that are shown twice. TAILWATT_PEERS_PYTHON names a Python that has the packages, TAILWATT_PEERS
// (cost, joules) does one of the two alone.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { PowerMonitor } from '../dist/index.js'
import { realHost } from '../dist/host/real-host.js'
import { findSensorProvider } from '../dist/sensors/catalog.js'
import { fakePowercap } from './fake-powercap.mjs'
import { compare } from './harness.mjs'

const python = process.env['TAILWATT_PEERS_PYTHON'] ?? 'python3'
const script = fileURLToPath(new URL('./energy-peers.py', import.meta.url))
const now = () => Number(process.hrtime.bigint())
const seconds = 20

/** A Python process that does what it is told, one order at a time. */
function peer() {
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'ignore'] })
  const lines = createInterface({ input: child.stdout })
  const gone = once(child, 'exit').then(() => [JSON.stringify({ error: 'the process ended' })])
  return {
    ask: async (order) => {
      const answer = once(lines, 'line')
      child.stdin.write(`${JSON.stringify(order)}\n`)
      const [line] = await Promise.race([answer, gone])
      return JSON.parse(line)
    },
    end: () => child.stdin.end(),
  }
}

const msr = (index, rest) => ({ at: `intel-rapl/intel-rapl:${index}`, start: 5e9, ...rest })
const packageZone = (rest) => msr(0, { name: 'package-0', watts: 42, ...rest })

/** `cpu`: W that the CPU really takes, package and DRAM; what each tool calls CPU energy is held against it. */
const scenarios = [
  { title: 'constant 42 W', cpu: 42, zones: [packageZone({})] },
  // The counter's range is a 600th of a real one, so that two wraps come within the window.
  { title: '42 W over two wraps', cpu: 42, zones: [packageZone({ start: 200e6, range: 420e6 })] },
  {
    title: '42 W, a wrap, range file missing',
    cpu: 42,
    zones: [packageZone({ start: 262_143e6 - 420e6, range: null })],
  },
  { title: '42 W, counter reset within the window', cpu: 42, zones: [packageZone({ resetAfter: 7 + 6 })] },
  {
    title: '42 W, package shown twice (MSR and MMIO)',
    cpu: 42,
    zones: [packageZone({}), { ...packageZone({}), at: 'intel-rapl-mmio/intel-rapl-mmio:0' }],
  },
  {
    title: '42 W, one counter shown for each of two dies',
    cpu: 42,
    zones: [packageZone({ name: 'package-0-die-0' }), msr(1, { name: 'package-0-die-1', watts: 42 })],
  },
  {
    title: 'psys 60 W ⊃ package 42 W ⊃ core 30 W, DRAM 5 W',
    cpu: 47,
    zones: [
      packageZone({}),
      msr(1, { name: 'psys', watts: 60 }),
      { at: 'intel-rapl/intel-rapl:0/intel-rapl:0:0', name: 'core', watts: 30, start: 1e9 },
      { at: 'intel-rapl/intel-rapl:0/intel-rapl:0:1', name: 'dram', watts: 5, start: 1e9 },
    ],
  },
]

async function ours(root) {
  process.env['TAILWATT_POWERCAP'] = root
  const monitor = await PowerMonitor.start({ sensors: [{ kind: 'rapl', options: {} }] })
  return {
    window: async () => {
      const from = now()
      const span = monitor.begin('window')
      await sleep(seconds * 1000)
      const ended = span.end()
      const to = now()
      const { cpu_j: joules, outages } = await ended
      return { joules: joules?.value ?? null, low: joules?.low, high: joules?.high, from, to, outages }
    },
    end: () => monitor.stop(),
  }
}

async function score({ title, cpu, zones }, peers) {
  const tree = await fakePowercap(zones)
  const tools = ['codecarbon', 'zeus']
  await sleep(300)
  const own = await ours(tree.root)
  const opened = await Promise.all(tools.map((tool, i) => peers[i].ask({ do: 'open', tool, root: tree.root })))
  const [mine, ...theirs] = await Promise.all([
    own.window(),
    ...tools.map((_, i) => (opened[i].error ? opened[i] : peers[i].ask({ do: 'window', seconds }))),
  ])
  await own.end()
  await Promise.all(peers.map((one) => one.ask({ do: 'close' })))
  await tree.stop()
  const against = ({ joules, from, to, error, low, high }) => {
    if (error !== undefined) return { error }
    const truth = (cpu * (to - from)) / 1e9
    return {
      joules,
      truth,
      off: joules === null ? null : joules / truth - 1,
      ...(low === undefined ? {} : { low, high }),
    }
  }
  return { title, tailwatt: against(mine), codecarbon: against(theirs[0]), zeus: against(theirs[1]) }
}

const told = ({ joules, off, low, high, error }) => {
  if (error !== undefined) return `none: ${error.slice(0, 90)}`
  if (joules === null) return 'none'
  const span = low === undefined ? '' : ` (${low.toFixed(0)} … ${high.toFixed(0)})`
  const percent =
    Math.abs(off) < 1 ? `${off < 0 ? '−' : '+'}${(100 * Math.abs(off)).toFixed(2)} %` : `× ${(1 + off).toPrecision(3)}`
  return `${joules.toFixed(joules > 1e4 ? 0 : 1)}${span}: ${percent}`
}

export async function energyPeers() {
  const check = spawnSync(python, ['-c', 'import codecarbon, zeus'], { encoding: 'utf8' })
  if (check.status !== 0) {
    console.log(`\nskipped: ${python} has no codecarbon and zeus (TAILWATT_PEERS_PYTHON names another Python)`)
    return []
  }
  const peers = [peer(), peer()]
  const version = await peers[0].ask({ do: 'versions' })
  const about = `CodeCarbon ${version.codecarbon}, Zeus ${version.zeus}, Python ${version.python}`
  const half = process.env['TAILWATT_PEERS']
  const scores = []
  for (const scenario of half === 'cost' ? [] : scenarios) scores.push(await score(scenario, peers))
  const joules = {
    title: `joules of the CPU in ${seconds} s by the same fake powercap tree (${about})`,
    target: 'the truth within the interval',
    columns: ['', 'tailwatt, J (interval)', 'CodeCarbon, J', 'Zeus, J'],
    cells: scores.map((row) => [row.title, told(row.tailwatt), told(row.codecarbon), told(row.zeus)]),
    scores,
  }
  const results = [half === 'cost' ? [] : joules, half === 'joules' ? [] : await costs(peers, about)]
  for (const one of peers) one.end()
  return results.flat(2)
}

async function costs(peers, about) {
  const tree = await fakePowercap(scenarios.at(-1).zones)
  await sleep(300)
  process.env['TAILWATT_POWERCAP'] = tree.root
  const { sensor } = await (await findSensorProvider('rapl')).open(realHost(), {})
  await peers[0].ask({ do: 'open', tool: 'codecarbon', root: tree.root })
  await peers[1].ask({ do: 'open', tool: 'zeus', root: tree.root })
  const n = 1000
  const sink = { put: () => undefined }
  const mine = () => {
    const before = process.cpuUsage()
    const from = now()
    for (let i = 0; i < n; i++) sensor.read(now(), sink)
    const wall = (now() - from) / n
    const { user, system } = process.cpuUsage(before)
    return { wall: wall / 1e3, 'CPU time': (user + system) / n }
  }
  const theirs = (i) => async () => {
    const { wall, cpu } = await peers[i].ask({ do: 'reads', n })
    return { wall: wall / 1e3, 'CPU time': cpu / 1e3 }
  }
  const result = await compare({
    title: `one read of the tree with package, core, DRAM and psys (${about})`,
    unit: 'µs',
    target: 'none; tailwatt reads four zones, CodeCarbon the package, Zeus package, DRAM and psys',
    rounds: 9,
    variants: [
      ['tailwatt', mine],
      ['CodeCarbon', theirs(0)],
      ['Zeus', theirs(1)],
    ],
  })
  sensor.close()
  await Promise.all(peers.map((one) => one.ask({ do: 'close' })))
  await tree.stop()
  return result
}
