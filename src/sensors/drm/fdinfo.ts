// What the profiled process takes of one card, by the drivers' common account in /proc/<pid>/fdinfo
// (Documentation/gpu/drm-usage-stats.rst): busy time of each engine and memory of each client. No root is needed for one's
// own processes. Queues of ROCm go past that account: of a process that has /dev/kfd open no busy time is claimed.
import type { Host } from '../../host/host.ts'
import { ReadBudget } from '../../host/read-budget.ts'
import { type GpuReading, gpuShape } from '../gpu-shapes.ts'
import type { CardReading } from './card-sensor.ts'

export interface Client {
  readonly id: string
  readonly pci: string
  readonly engines: ReadonlyMap<string, Engine>
  /** Bytes in the card's own memory; of a card without, in the system's. */
  readonly memory: number | undefined
}

interface Engine {
  /** ns busy, or cycles where `total` is given. */
  readonly busy: number
  /** Cycles that went by. */
  readonly total: number | undefined
  /** Identical engines of that name. */
  readonly capacity: number
}

const unitBytes: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }

/** `undefined` for what is no DRM client of a PCI device. */
export function parseClient(text: string): Client | undefined {
  const values = new Map<string, readonly [value: string, unit: string]>()
  for (const line of text.split('\n')) {
    const [, key, value, unit = ''] = /^drm-([\w-]+):\s*(\S+)(?:\s+(\S+))?\s*$/.exec(line) ?? []
    if (key !== undefined && value !== undefined) values.set(key, [value, unit])
  }
  const pci = values.get('pdev')?.[0]
  const id = values.get('client-id')?.[0]
  if (pci === undefined || id === undefined) return undefined
  const count = (key: string): number | undefined => {
    const value = Number(values.get(key)?.[0] ?? Number.NaN)
    return value >= 0 ? value : undefined
  }
  const engines = new Map<string, Engine>()
  for (const key of values.keys()) {
    const [, kind, name] = /^(engine|cycles)-(?!capacity-)(.+)$/.exec(key) ?? []
    const busy = count(key)
    if (name === undefined || busy === undefined) continue
    const total = kind === 'cycles' ? count(`total-cycles-${name}`) : undefined
    // Cycles without their total say nothing by themselves; the driver that has both forms gives the time as well.
    if (kind === 'cycles' && (total === undefined || engines.has(name))) continue
    engines.set(name, { busy, total, capacity: Math.max(1, count(`engine-capacity-${name}`) ?? 1) })
  }
  return { id, pci, engines, memory: memoryOf(values) }
}

function memoryOf(values: ReadonlyMap<string, readonly [string, string]>): number | undefined {
  const regions = new Map<string, number>()
  // `memory` is the old name of `resident`; `total` holds what was asked for and not yet touched.
  for (const kind of ['resident', 'memory', 'total'])
    for (const [key, [value, unit]] of values) {
      const region = key.startsWith(`${kind}-`) ? key.slice(kind.length + 1) : undefined
      if (region === undefined || region.startsWith('cycles-') || regions.has(region)) continue
      const bytes = Number(value) * (unitBytes[unit] ?? Number.NaN)
      if (bytes >= 0) regions.set(region, bytes)
    }
  const sum = (pattern: RegExp): number | undefined => {
    const found = [...regions].filter(([region]) => pattern.test(region))
    return found.length === 0 ? undefined : found.reduce((total, [, bytes]) => total + bytes, 0)
  }
  return sum(/^(?:vram|local)\d*$/) ?? sum(/^(?:gtt|system\d*)$/)
}

/** Engines' values of one client, none smaller than before: a smaller one is to be waited out. */
type Seen = Map<string, { busy: number; total: number | undefined }>

export class ProcessUsage {
  readonly #host: Host
  readonly #pci: string
  readonly #watched: Int32Array
  readonly #scans = new ReadBudget()
  #pid = 0
  #files: readonly string[] = []
  #bypassed = false
  #clients = new Map<string, Seen>()
  #at: number | undefined
  #utilization: number | undefined
  #seconds = 0
  #memory: number | undefined

  constructor(host: Host, pci: string, watched: SharedArrayBuffer) {
    this.#host = host
    this.#pci = pci
    this.#watched = new Int32Array(watched)
  }

  refresh(at: number): void {
    const pid = Atomics.load(this.#watched, 0)
    if (pid !== this.#pid) this.#follow(pid)
    if (pid === 0) return
    if (this.#scans.due(at)) this.#scan(at)
    const clients = new Map<string, Client>()
    for (const file of this.#files) {
      const client = parseClient(this.#host.readFile(file) ?? '')
      // Several descriptors may share one client.
      if (client?.pci === this.#pci) clients.set(client.id, client)
    }
    const elapsed = this.#at === undefined ? undefined : at - this.#at
    this.#at = at
    this.#utilization = undefined
    this.#memory = undefined
    if (clients.size === 0) return
    const memory = [...clients.values()].flatMap((client) => client.memory ?? [])
    if (memory.length > 0) this.#memory = memory.reduce((sum, bytes) => sum + bytes, 0)
    const busy = this.#busyShares(clients, elapsed)
    if (elapsed === undefined || busy.size === 0 || this.#bypassed) return
    const all = [...busy.values()]
    this.#seconds += (all.reduce((sum, { share, capacity }) => sum + share * capacity, 0) * elapsed) / 1e9
    this.#utilization = Math.min(1, Math.max(...all.map(({ share }) => share)))
  }

  get readings(): readonly CardReading[] {
    const reading = (name: GpuReading, read: CardReading['read']): CardReading => ({
      name,
      shape: gpuShape(name),
      trial: true,
      read,
    })
    return [
      reading('process-utilization', () => this.#utilization),
      reading('process-engine-time', () => (this.#utilization === undefined ? undefined : this.#seconds)),
      reading('process-memory', () => this.#memory),
    ]
  }

  #follow(pid: number): void {
    this.#pid = pid
    this.#files = []
    this.#clients.clear()
    this.#at = undefined
    this.#utilization = undefined
    this.#memory = undefined
  }

  #scan(at: number): void {
    const begun = this.#host.now()
    const folder = `/proc/${this.#pid}`
    const files: string[] = []
    this.#bypassed = false
    for (const fd of this.#host.list(`${folder}/fd`)) {
      const target = this.#host.resolve(`${folder}/fd/${fd}`)
      if (target?.startsWith('/dev/dri/')) files.push(`${folder}/fdinfo/${fd}`)
      if (target === '/dev/kfd') this.#bypassed = true
    }
    this.#files = files
    this.#scans.spent(at, at + Math.max(leastScanNs, this.#host.now() - begun))
  }

  /** Share of each engine that the process used since the last time, of all the engines of that name. */
  #busyShares(
    clients: ReadonlyMap<string, Client>,
    elapsed: number | undefined,
  ): ReadonlyMap<string, { share: number; capacity: number }> {
    const shares = new Map<string, { share: number; capacity: number }>()
    for (const { id, engines } of clients.values()) {
      const seen = this.#clients.get(id) ?? new Map()
      this.#clients.set(id, seen)
      for (const [name, engine] of engines) {
        const last = seen.get(name)
        if (last && engine.busy < last.busy) continue
        seen.set(name, engine)
        if (!last || elapsed === undefined || elapsed <= 0) continue
        const whole = engine.total === undefined ? elapsed : engine.total - last.total
        if (!(whole > 0)) continue
        const share = (engine.busy - last.busy) / whole / engine.capacity
        const known = shares.get(name)?.share ?? 0
        shares.set(name, { share: known + share, capacity: engine.capacity })
      }
    }
    return shares
  }
}

/** Half a second between looks for new descriptors, at the least. */
const leastScanNs = 2.5e6
