// One AMD card: sysfs and hwmon files of the driver amdgpu, its binary table where those do not say it, and the profiled
// process' part. `pcie_bw` is never read: the driver counts for a second before it answers.
import type { Unmeasured } from '../../run/manifest.ts'
import type { Host } from '../../host/host.ts'
import { KeptFile } from '../../host/kept-file.ts'
import { CardFiles, numberOf } from '../drm/card-files.ts'
import { asleepNow, type CardReading, isPower, type OpenedCard } from '../drm/card-sensor.ts'
import { type DrmCard, hwmonFolders } from '../drm/card.ts'
import { ProcessUsage } from '../drm/fdinfo.ts'
import { type GpuReading, gpuShape, type Shape } from '../gpu-shapes.ts'
import { type Metrics, readMetrics } from './gpu-metrics.ts'
import { isApuTable, metricsReadings } from './metrics-readings.ts'

/** Instinct MI300A, whose table is that of the server cards. */
const serverApus: ReadonlySet<string> = new Set(['74a0'])

export interface AmdCardOptions {
  readonly uuid: string
  /** The processor package an APU is, as RAPL names it. */
  readonly package: string
  /** There are discrete cards beside it. */
  readonly beside: boolean
  readonly watched: SharedArrayBuffer | undefined
}

const hwmonOf = (host: Host, card: DrmCard): string | undefined =>
  hwmonFolders(host, card.device, (name) => name === 'amdgpu')[0]

/** A processor with graphics: its watts are those of the whole package. Only such have the rail vddnb. */
export const isApu = (host: Host, card: DrmCard): boolean =>
  serverApus.has(card.id) || host.exists(`${hwmonOf(host, card) ?? card.device}/in1_label`)

export function openAmdCard(host: Host, card: DrmCard, options: AmdCardOptions): OpenedCard {
  const table = new MetricsTable(host, card)
  const asleep = asleepNow(host, card)
  const usage = options.watched ? new ProcessUsage(host, card.pci, options.watched) : undefined
  const files = new CardFiles(host)
  const apu = isApu(host, card) || isApuTable(table.revision ?? '')
  const own = [...hwmonReadings(host, card, files), ...deviceReadings(card, files)]
  const kept = onePower(withoutRepeats([...own, ...table.readings], asleep), asleep)
  const tablePower = kept.some((reading) => isPower(reading) && table.readings.includes(reading))
  const power = kept.some(({ name }) => name === 'power') ? 'power' : 'power-average'
  const readings = kept.map((reading) => (apu ? asPackage(reading, options, power) : reading))
  return {
    card,
    uuid: options.uuid,
    readings: [...readings, ...(usage?.readings ?? [])],
    lacks: [...table.lacks(`amdgpu/${options.uuid}`), ...rows(host, options, apu)],
    refresh: (at, full) => {
      if (full || tablePower) table.refresh(at)
      if (full) usage?.refresh(at)
    },
    close: () => {
      files.close()
      table.close()
    },
  }
}

function rows(host: Host, { uuid, beside }: AmdCardOptions, apu: boolean): readonly Unmeasured[] {
  const found: Unmeasured[] = []
  if (apu && beside)
    found.push({
      what: `amdgpu/${uuid}/power`,
      reason:
        'beside an AMD graphics card the power of this processor may hold the card’s as well, so it counts nowhere',
      remedy: 'RAPL gives the processor’s own energy; an external meter measures the whole',
    })
  if (host.exists('/dev/kfd'))
    found.push({
      what: `amdgpu/${uuid}/process-utilization`,
      reason: 'of programs on ROCm the driver does not account engine time: their queues go past it',
      remedy: 'none by files; the share of the whole card is in utilization',
    })
  return found
}

// An APU's watts hold its cores: they are the package's, and lie where RAPL's lie, so that nothing is counted twice.
function asPackage(reading: CardReading, options: AmdCardOptions, whole: string): CardReading {
  const { scope } = reading.shape
  if (scope === 'uncore') return { ...reading, within: whole }
  if (scope !== 'gpu' || !isPower(reading)) return reading
  const shape: Shape = { ...reading.shape, scope: 'package', ...(options.beside ? { check: true } : {}) }
  return { ...reading, shape, device: options.package }
}

/** Of two readings of a name the first that answers, so that files go before the table. A card that sleeps is not asked. */
function withoutRepeats(readings: readonly CardReading[], asleep: boolean): readonly CardReading[] {
  const known = new Map<string, CardReading>()
  for (const reading of readings) {
    const other = known.get(reading.name)
    if (other === undefined || (!asleep && other.read() === undefined && reading.read() !== undefined))
      known.set(reading.name, reading)
  }
  return [...known.values()]
}

/** The moment where it answers, else the average: over how long that is, nobody says. */
function onePower(readings: readonly CardReading[], asleep: boolean): readonly CardReading[] {
  const moment = readings.find(({ name }) => name === 'power')
  const drop = moment && (asleep || moment.read() !== undefined) ? 'power-average' : 'power'
  return readings.filter(({ name }) => name !== drop)
}

/** Several times what any card draws. */
const mostMicrowatts = 1e10

const temperatures: Readonly<Record<string, GpuReading>> = {
  edge: 'temperature',
  junction: 'temperature-junction',
  mem: 'temperature-memory',
}

function hwmonReadings(host: Host, card: DrmCard, files: CardFiles): readonly CardReading[] {
  const folder = hwmonOf(host, card)
  if (folder === undefined) return []
  const reading = (name: GpuReading, source: string, ...numbers: Parameters<typeof numberOf>): readonly CardReading[] =>
    files.reading(name, gpuShape(name), `${folder}/${source}`, numberOf(...numbers))
  return [
    ...reading('energy', 'energy1_input', 1e-6, 0),
    // amdgpu_pm.c: `input` is instantaneous, `average` an average; of APUs both are the whole SoC's.
    ...reading('power', 'power1_input', 1e-6, 0, mostMicrowatts),
    ...reading('power-average', 'power1_average', 1e-6, 0, mostMicrowatts),
    ...[1, 2, 3].flatMap((index) => {
      const label = host.readFile(`${folder}/temp${index}_label`)?.trim() ?? (index === 1 ? 'edge' : '')
      const name = temperatures[label]
      return name === undefined ? [] : reading(name, `temp${index}_input`, 1e-3)
    }),
    ...reading('clock-gfx', 'freq1_input', 1e-6, 0),
    ...reading('clock-memory', 'freq2_input', 1e-6, 0),
  ]
}

/** GT/s of a link by PCIe generation. */
const generations: Readonly<Record<string, number>> = { '2.5': 1, '5.0': 2, '8.0': 3, '16.0': 4, '32.0': 5, '64.0': 6 }

function deviceReadings(card: DrmCard, files: CardFiles): readonly CardReading[] {
  const reading = (
    name: GpuReading,
    source: string,
    read: (file: KeptFile) => number | undefined = numberOf(1, 0),
  ): readonly CardReading[] => files.reading(name, gpuShape(name), `${card.device}/${source}`, read)
  return [
    ...reading('utilization', 'gpu_busy_percent', numberOf(0.01, 0, 100)),
    ...reading('utilization-memory', 'mem_busy_percent', numberOf(0.01, 0, 100)),
    ...reading('memory-used', 'mem_info_vram_used'),
    ...reading('memory-total', 'mem_info_vram_total'),
    ...reading('clock-gfx', 'pp_dpm_sclk', currentLevel),
    ...reading('clock-memory', 'pp_dpm_mclk', currentLevel),
    ...reading('pcie-generation', 'current_link_speed', (file) => generations[file.text()?.split(' ')[0] ?? '']),
    ...reading('pcie-width', 'current_link_width', numberOf(1, 0, 32)),
  ]
}

/** The level with the star: `1: 1200Mhz *`. */
function currentLevel(file: KeptFile): number | undefined {
  const [, megahertz] = /^\s*\w+:\s*(\d+)\s*mhz\s*\*/im.exec(file.text() ?? '') ?? []
  return megahertz === undefined ? undefined : Number(megahertz)
}

/** `gpu_metrics`, read once a round. What revision it has is decided at opening, and only that is read. */
class MetricsTable {
  readonly readings: readonly CardReading[]
  readonly #file: KeptFile | undefined
  readonly #asleep: boolean
  readonly #unknown: string | undefined
  readonly revision: string | undefined
  #latest: Metrics | undefined
  #at: number = Number.NaN

  constructor(host: Host, card: DrmCard) {
    const path = `${card.device}/gpu_metrics`
    this.#asleep = asleepNow(host, card)
    if (!host.exists(path)) {
      this.readings = []
      return
    }
    this.#file = new KeptFile(host, path)
    const content = this.#asleep ? undefined : this.#file.bytes()
    const result = content && readMetrics(content)
    if (result?.ok) {
      this.revision = result.metrics.revision
      this.#latest = result.metrics
      this.readings = metricsReadings(
        this.revision,
        () => this.#latest,
        () => this.#at,
      )
    } else {
      this.readings = []
      // A card that has none answers EOPNOTSUPP: nothing is missed that it had.
      if (result) this.#unknown = result.reason
      else if (!this.#asleep && this.#file.error !== 'EOPNOTSUPP')
        this.#unknown = `gpu_metrics cannot be read (${this.#file.error})`
    }
  }

  lacks(prefix: string): readonly Unmeasured[] {
    const row = (reason: string, remedy: string): readonly Unmeasured[] => [
      { what: `${prefix}/gpu_metrics`, reason, remedy },
    ]
    if (this.#asleep && this.#file)
      return row(
        'the GPU was asleep when the run began, and gpu_metrics tells its layout only when awake',
        'begin the run with the GPU awake',
      )
    return this.#unknown === undefined
      ? []
      : row(this.#unknown, 'what sysfs and hwmon give is read; tell us the kernel’s version, so that it can be added')
  }

  refresh(at: number): void {
    if (!this.revision) return
    const content = this.#file?.bytes()
    const result = content && readMetrics(content)
    // A reset may leave it in another state for a while.
    this.#latest = result?.ok && result.metrics.revision === this.revision ? result.metrics : undefined
    this.#at = at
  }

  close(): void {
    this.#file?.close()
  }
}
