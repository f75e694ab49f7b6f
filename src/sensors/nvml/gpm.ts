// NVIDIA's GPU performance monitoring (Hopper and later, Linux): tensor, memory and link activity between two samples,
// through NVML alone. Two samples a GPU take turns; the driver wants more than 100 ms between them. What a trial pair at
// opening does not answer is not listed.
import { setTimeout } from 'node:timers/promises'
import { absent, type Absent } from '../../base/absence.ts'
import type { Host } from '../../host/host.ts'
import type { Channel } from '../../run/channel.ts'
import type { SampleSink } from '../../run/ports.ts'
import { localSensor, orClose } from '../local-sensor.ts'
import type { Opened, PolledSensor, SensorProvider } from '../sensor.ts'
import { type Gpu, gpusSensor } from './gpus.ts'
import { gpmMetric, gpmMetricsGet, gpmSupport, returns } from './layout.ts'
import { libraryAbsence, loadNvml, type Nvml } from './library.ts'
import { succeeded } from './status.ts'

const dcgmRemedy = 'measure with dcgm-exporter: --sensors +dcgm:http://HOST:9400'
/** ns; a sample that comes earlier than the driver's refresh repeats the one before. */
const gap = 100e6
const mebibyte = 2 ** 20

/** Metric number in nvml.h by the name of our channel; shares come in percent, rates in MiB/s. */
export const gpmMetrics = [
  ['graphics', 1],
  ['sm-utilization', 2],
  ['sm-occupancy', 3],
  ['integer', 4],
  ['tensor', 5],
  ['hmma', 7],
  ['dmma', 8],
  ['imma', 9],
  ['dram-utilization', 10],
  ['fp64', 11],
  ['fp32', 12],
  ['fp16', 13],
  ['pcie-tx-rate', 20],
  ['pcie-rx-rate', 21],
  ['nvlink-rx-rate', 60],
  ['nvlink-tx-rate', 61],
] as const

const isRate = (name: string): boolean => name.endsWith('-rate')

export const gpm: SensorProvider = localSensor({
  id: 'gpm',
  summary: 'NVIDIA GPU performance monitoring (Hopper and later)',
  gives: {
    text: 'SM, tensor, floating point, memory, PCIe and NVLink activity of NVIDIA GPUs from Hopper on',
    what: 'gpu_activity',
  },
  // NVML's reference (R590, chapter GPM) rules Windows out in its note on vGPU, and is silent on Windows otherwise.
  elsewhere: { reason: 'GPM is not read' },
  open: (host) => openGpm(host, () => setTimeout(gap / 1e6 + 20)),
})

/** @param statuses of a trial of each part, none of them success */
function whyNone(nvml: Nvml, parts: readonly GpmPart[], statuses: readonly number[]): Absent {
  if (nvml.deviceCount() === 0) return absent('the driver shows no GPU', 'check the container’s devices')
  if (parts.length === 0)
    return absent(
      'the GPUs are in MIG mode and show no GPU instance',
      'create one (`sudo nvidia-smi mig -cgi … -C`), in a container pass one on, or turn MIG off',
    )
  if (statuses.includes(returns.noPermission))
    return absent(
      'the driver gives profiling counters to administrators only',
      'run as root, or load the driver with NVreg_RestrictProfilingToAdminUsers=0',
    )
  if (statuses.includes(returns.functionNotFound)) {
    const what = parts.every(({ instance }) => instance !== undefined) ? 'no GPM of MIG instances' : 'no GPM'
    return absent(`this driver has ${what}`, `update the driver, or ${dcgmRemedy}`)
  }
  return absent('no GPU here has GPM: it needs Hopper or later', dcgmRemedy)
}

/** A whole GPU, or a GPU instance of one that is divided by MIG: such a GPU gives no samples as a whole. */
interface GpmPart {
  readonly device: unknown
  readonly uuid: string
  readonly instance?: number
}

const partsOf = (nvml: Nvml): readonly GpmPart[] =>
  Array.from({ length: nvml.deviceCount() }, (_, index) => ({ device: nvml.device(index), index }))
    .filter(({ device }) => device !== undefined)
    .flatMap(({ device, index }) => {
      const uuid = nvml.text('uuid', device) || `gpu-${index}`
      return isDivided(nvml, device) ? instancesOf(nvml, device, uuid) : [{ device, uuid }]
    })

function isDivided(nvml: Nvml, device: unknown): boolean {
  const current = [0]
  return nvml.call('mig', device, current, [0]) === returns.success && Number(current[0]) !== 0
}

// A sample of a GPU instance adds up its compute instances, of which each is a MIG device.
function instancesOf(nvml: Nvml, device: unknown, uuid: string): readonly GpmPart[] {
  const found = new Map<number, GpmPart>()
  const [, count] = nvml.number('migCount', device)
  for (let index = 0; index < count; index++) {
    const mig = nvml.migDevice(device, index)
    if (mig === undefined) continue
    const [status, instance] = nvml.number('gpuInstance', mig)
    if (status !== returns.success || found.has(instance)) continue
    found.set(instance, { device, uuid: nvml.text('uuid', mig) || `${uuid}/mig-${instance}`, instance })
  }
  return [...found.values()]
}

const takeSample = (nvml: Nvml, { device, instance }: GpmPart, sample: number): number =>
  instance === undefined ? nvml.call('gpmSample', device, sample) : nvml.call('gpmMigSample', device, instance, sample)

/** Success when a sample can be had: support is told before permission and MIG are looked at. */
function trial(nvml: Nvml, part: GpmPart): number {
  const support = Buffer.alloc(gpmSupport.size)
  support.writeUInt32LE(1, gpmSupport.version)
  const status = nvml.call('gpmSupport', part.device, support)
  if (status !== returns.success) return status
  if (support.readUInt32LE(gpmSupport.isSupportedDevice) === 0) return returns.notSupported
  const [allocated, sample] = nvml.number('gpmAlloc')
  if (allocated !== returns.success) return allocated
  const taken = takeSample(nvml, part, sample)
  nvml.call('gpmFree', sample)
  return taken
}

/** @param pause lets the driver's refresh pass between the two trial samples */
export async function openGpm(host: Host, pause: () => Promise<void>): Promise<Opened<PolledSensor>> {
  const loaded = loadNvml(host)
  if (!loaded.ok) return libraryAbsence(host, loaded)
  const { nvml } = loaded
  const status = nvml.call('init')
  if (status !== returns.success)
    return absent(`nvmlInit failed with ${status}`, 'check `nvidia-smi`; in a container run with --gpus all')
  const shutdown = (): void => void nvml.call('shutdown')
  const begun = orClose(shutdown, () => beginTrials(nvml))
  if (!begun.ok) return begun
  await pause()
  const close = (): void => {
    for (const { reader } of begun.trials) reader.close()
    shutdown()
  }
  return orClose(close, () => settle(begun, close))
}

interface Trial {
  readonly uuid: string
  readonly reader: GpmReader
}

interface Trials {
  readonly ok: true
  readonly trials: readonly Trial[]
  readonly note: string
}

/** The first sample of the trial pair, of each part that gives any. */
function beginTrials(nvml: Nvml): Trials | Absent {
  const parts = partsOf(nvml)
  const statuses = parts.map((part) => trial(nvml, part))
  const able = parts.filter((_, i) => statuses[i] === returns.success)
  if (able.length === 0) return whyNone(nvml, parts, statuses)
  const trials = able.map((part) => ({ uuid: part.uuid, reader: new GpmReader(nvml, part) }))
  for (const { reader } of trials) reader.begin()
  const kind = parts.some(({ instance }) => instance !== undefined) ? 'GPUs and MIG instances' : 'GPUs'
  return { ok: true, trials, note: `${able.length} of ${parts.length} ${kind}` }
}

function settle({ trials, note }: Trials, close: () => void): Opened<PolledSensor> {
  const gpus = trials.flatMap(({ uuid, reader }): Gpu[] => {
    reader.settle()
    const channels = reader.names.map((name) => channel(uuid, name))
    return channels.length === 0 ? [] : [{ channels, read: (first, at, out) => reader.read(first, at, out) }]
  })
  if (gpus.length === 0) return absent('no GPU here gives GPM samples', dcgmRemedy)
  return { ok: true, sensor: gpusSensor(gpus, close), note }
}

/** Counted by the hardware over the whole interval, where NVML and DCGM's exporter sample. */
const rank = 2

type MetricName = (typeof gpmMetrics)[number][0]

const channel = (uuid: string, name: MetricName): Channel => ({
  id: `gpm/${uuid}/${name}`,
  sensor: 'gpm',
  scope: 'gpu',
  device: uuid,
  kind: 'average',
  role: name,
  rank,
  ...(isRate(name) ? { quantity: 'bandwidth', unit: 'B/s' } : { quantity: 'utilization', unit: 'ratio' }),
})

class GpmReader {
  readonly #nvml: Nvml
  readonly #part: GpmPart
  readonly #request: Buffer = Buffer.alloc(gpmMetricsGet.metrics + gpmMetrics.length * gpmMetric.size)
  #metrics: readonly (typeof gpmMetrics)[number][] = gpmMetrics
  #older: number
  #newer: number
  #taken: number | undefined

  constructor(nvml: Nvml, part: GpmPart) {
    this.#nvml = nvml
    this.#part = part
    this.#older = nvml.number('gpmAlloc')[1]
    this.#newer = nvml.number('gpmAlloc')[1]
    this.#request.writeUInt32LE(1, gpmMetricsGet.version)
    this.#ask(gpmMetrics)
  }

  get names(): readonly MetricName[] {
    return this.#metrics.map(([name]) => name)
  }

  /** First sample of the trial pair; a device that is gone is found so by `settle`. */
  begin(): void {
    if (this.#allocated()) takeSample(this.#nvml, this.#part, this.#newer)
  }

  /** Second sample of the trial pair: only what it answers is asked for from then on. */
  settle(): void {
    const given =
      this.#allocated() &&
      takeSample(this.#nvml, this.#part, this.#older) === returns.success &&
      this.#between(this.#newer, this.#older) === returns.success
    this.#ask(given ? gpmMetrics.filter((_, index) => !never.has(this.#status(index))) : [])
  }

  read(first: number, at: number, out: SampleSink): void {
    if (this.#taken !== undefined && at - this.#taken <= gap) return
    // Into the older one, so that a failed sample leaves the newer as it was.
    if (!succeeded(takeSample(this.#nvml, this.#part, this.#older))) return
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
