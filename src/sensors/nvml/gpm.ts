// NVIDIA's GPU performance monitoring (Hopper and later, Linux): tensor, memory and link activity between two samples,
// through NVML alone. Two samples a GPU take turns; the driver wants more than 100 ms between them. What a trial pair at
// opening does not answer is not listed.
import { setTimeout } from 'node:timers/promises'
import type { Host } from '../../host/host.ts'
import type { Channel } from '../../run/channel.ts'
import type { SampleSink } from '../../run/ports.ts'
import type { PolledSensor, Probe, SensorProvider } from '../sensor.ts'
import { gpmMetric, gpmMetricsGet, gpmSupport, returns } from './layout.ts'
import { loadNvml, type Nvml } from './library.ts'
import { DeviceGone, succeeded } from './status.ts'

const gives = 'SM, tensor, floating point, memory, PCIe and NVLink activity of NVIDIA GPUs from Hopper on'
const dcgmRemedy = 'measure with dcgm-exporter: --sensors +dcgm:http://HOST:9400'
/** ns; a sample that comes earlier than the driver's refresh repeats the one before. */
const gap = 100e6
const mebibyte = 2 ** 20

/** Metric number in nvml.h by the name of our channel; shares come in percent, rates in MiB/s. */
export const gpmMetrics = [
  ['graphics', 1],
  ['sm-utilisation', 2],
  ['sm-occupancy', 3],
  ['integer', 4],
  ['tensor', 5],
  ['hmma', 7],
  ['dmma', 8],
  ['imma', 9],
  ['dram-utilisation', 10],
  ['fp64', 11],
  ['fp32', 12],
  ['fp16', 13],
  ['pcie-tx-rate', 20],
  ['pcie-rx-rate', 21],
  ['nvlink-rx-rate', 60],
  ['nvlink-tx-rate', 61],
] as const

const isRate = (name: string): boolean => name.endsWith('-rate')

export const gpm: SensorProvider = {
  id: 'gpm',
  summary: 'NVIDIA GPU performance monitoring (Hopper and later)',
  probe: async (host) => probe(host),
  open: async (host) => openGpm(host, () => setTimeout(gap / 1e6 + 20)),
}

function probe(host: Host): Probe {
  const no = (reason: string, remedy: string): Probe => ({ ok: false, gives, reason, remedy })
  // NVML's reference (R590, chapter GPM) rules Windows out in its note on vGPU, and is silent on Windows otherwise.
  if (host.platform !== 'linux') return no(`GPM is not read on ${host.platform}`, 'measure on Linux')
  const loaded = loadNvml(host)
  if (!loaded.ok && loaded.reason.includes('npm install koffi')) return no(loaded.reason, 'npm install koffi')
  if (!loaded.ok) return no(loaded.reason, 'install the NVIDIA driver (in a container: run with --gpus all)')
  const { nvml } = loaded
  const status = nvml.call('init')
  if (status !== returns.success)
    return no(`nvmlInit failed with ${status}`, 'check `nvidia-smi`; in a container run with --gpus all')
  try {
    const statuses = handles(nvml).map(([device]) => trial(nvml, device))
    const supported = statuses.filter((found) => found === returns.success).length
    if (supported > 0) return { ok: true, gives, note: `${supported} of ${statuses.length} GPUs` }
    if (statuses.length === 0) return no('the driver shows no GPU', 'check the container’s devices')
    if (statuses.includes(returns.noPermission))
      return no(
        'the driver gives profiling counters to administrators only',
        'run as root, or load the driver with NVreg_RestrictProfilingToAdminUsers=0',
      )
    if (statuses.includes(returns.functionNotFound))
      return no('this driver has no GPM', `update the driver, or ${dcgmRemedy}`)
    return no(
      'no GPU here has GPM: it needs Hopper or later, and a GPU divided by MIG does not give it whole',
      dcgmRemedy,
    )
  } finally {
    nvml.call('shutdown')
  }
}

const handles = (nvml: Nvml): (readonly [unknown, string])[] =>
  Array.from({ length: nvml.deviceCount() }, (_, index) => [nvml.device(index), index] as const)
    .filter(([device]) => device !== undefined)
    .map(([device, index]) => [device, nvml.text('uuid', device) || `gpu-${index}`] as const)

/** Success when a sample can be had: support is told before permission and MIG are looked at. */
function trial(nvml: Nvml, device: unknown): number {
  const support = Buffer.alloc(gpmSupport.size)
  support.writeUInt32LE(1, gpmSupport.version)
  const status = nvml.call('gpmSupport', device, support)
  if (status !== returns.success) return status
  if (support.readUInt32LE(gpmSupport.isSupportedDevice) === 0) return returns.notSupported
  const [allocated, sample] = nvml.number('gpmAlloc')
  if (allocated !== returns.success) return allocated
  const taken = nvml.call('gpmSample', device, sample)
  nvml.call('gpmFree', sample)
  return taken
}

/** @param pause lets the driver's refresh pass between the two trial samples */
export async function openGpm(host: Host, pause: () => Promise<void>): Promise<PolledSensor> {
  const loaded = loadNvml(host)
  if (!loaded.ok) throw new Error(loaded.reason)
  const { nvml } = loaded
  if (nvml.call('init') !== returns.success) throw new Error('nvmlInit failed')
  const tried = handles(nvml)
    .filter(([device]) => trial(nvml, device) === returns.success)
    .map(([device, uuid]) => ({ uuid, reader: new GpmReader(nvml, device) }))
  for (const { reader } of tried) reader.begin()
  await pause()
  let first = 0
  const gpus = tried.flatMap(({ uuid, reader }) => {
    reader.settle()
    const gpu = { uuid, reader, first, alive: true }
    first += reader.names.length
    return reader.names.length === 0 ? [] : [gpu]
  })
  const close = (): void => {
    for (const { reader } of tried) reader.close()
    nvml.call('shutdown')
  }
  if (gpus.length === 0) {
    close()
    throw new Error('no GPU here gives GPM samples')
  }
  return {
    channels: gpus.flatMap(({ uuid, reader }) => reader.names.map((name) => channel(uuid, name))),
    read: (at, out) => {
      for (const gpu of gpus) {
        try {
          if (gpu.alive) gpu.reader.read(gpu.first, at, out)
        } catch (error) {
          if (!(error instanceof DeviceGone)) throw error
          gpu.alive = false
        }
      }
      return gpus.some(({ alive }) => alive) ? 'ok' : 'ended'
    },
    close,
  }
}

const channel = (uuid: string, name: string): Channel => ({
  id: `gpm/${uuid}/${name}`,
  sensor: 'gpm',
  scope: 'gpu',
  device: uuid,
  kind: 'average',
  ...(isRate(name) ? { quantity: 'bandwidth', unit: 'B/s' } : { quantity: 'utilisation', unit: 'ratio' }),
})

class GpmReader {
  readonly #nvml: Nvml
  readonly #device: unknown
  readonly #request: Buffer = Buffer.alloc(gpmMetricsGet.metrics + gpmMetrics.length * gpmMetric.size)
  #metrics: readonly (typeof gpmMetrics)[number][] = gpmMetrics
  #older: number
  #newer: number
  #taken: number | undefined

  constructor(nvml: Nvml, device: unknown) {
    this.#nvml = nvml
    this.#device = device
    this.#older = nvml.number('gpmAlloc')[1]
    this.#newer = nvml.number('gpmAlloc')[1]
    this.#request.writeUInt32LE(1, gpmMetricsGet.version)
    this.#ask(gpmMetrics)
  }

  get names(): readonly string[] {
    return this.#metrics.map(([name]) => name)
  }

  /** First sample of the trial pair; a device that is gone is found so by `settle`. */
  begin(): void {
    if (this.#allocated()) this.#nvml.call('gpmSample', this.#device, this.#newer)
  }

  /** Second sample of the trial pair: only what it answers is asked for from then on. */
  settle(): void {
    const given =
      this.#allocated() &&
      this.#nvml.call('gpmSample', this.#device, this.#older) === returns.success &&
      this.#between(this.#newer, this.#older) === returns.success
    this.#ask(given ? gpmMetrics.filter((_, index) => !never.has(this.#status(index))) : [])
  }

  read(first: number, at: number, out: SampleSink): void {
    if (this.#taken !== undefined && at - this.#taken <= gap) return
    // Into the older one, so that a failed sample leaves the newer as it was.
    if (!succeeded(this.#nvml.call('gpmSample', this.#device, this.#older))) return
    ;[this.#older, this.#newer] = [this.#newer, this.#older]
    const isFirst = this.#taken === undefined
    this.#taken = at
    if (isFirst || !succeeded(this.#between(this.#older, this.#newer))) return
    for (let index = 0; index < this.#metrics.length; index++) {
      const value = this.#request.readDoubleLE(entry(index) + gpmMetric.value)
      if (this.#status(index) !== returns.success || !Number.isFinite(value) || value < 0) continue
      out.put(first + index, at, isRate(this.#metrics[index]![0]) ? value * mebibyte : value / 100)
    }
  }

  close(): void {
    for (const sample of [this.#older, this.#newer]) if (sample !== 0) this.#nvml.call('gpmFree', sample)
  }

  #allocated(): boolean {
    return this.#older !== 0 && this.#newer !== 0
  }

  #ask(metrics: readonly (typeof gpmMetrics)[number][]): void {
    this.#metrics = metrics
    this.#request.writeUInt32LE(metrics.length, gpmMetricsGet.numMetrics)
    metrics.forEach(([, id], index) => this.#request.writeUInt32LE(id, entry(index) + gpmMetric.metricId))
  }

  #between(older: number, newer: number): number {
    this.#request.writeBigUInt64LE(BigInt(older), gpmMetricsGet.sample1)
    this.#request.writeBigUInt64LE(BigInt(newer), gpmMetricsGet.sample2)
    return this.#nvml.call('gpmMetrics', this.#request)
  }

  #status(index: number): number {
    return this.#request.readInt32LE(entry(index) + gpmMetric.nvmlReturn)
  }
}

/** Statuses that do not change in a run: such a metric is not listed. */
const never: ReadonlySet<number> = new Set([returns.invalidArgument, returns.notSupported, returns.functionNotFound])

const entry = (index: number): number => gpmMetricsGet.metrics + index * gpmMetric.size
