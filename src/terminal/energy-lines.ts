// Lines of the summary about power: watts, joules gross and net, what is unaccounted, heat, and what the hardware counted.
// Each appears only where it was measured.
import {
  formatNumber,
  formatPrefixed,
  hasCaution,
  cautionText,
  type CarbonSection,
  type EnergyCheck,
  type Figure,
  type RunDocument,
} from '../index.ts'
import { energy, money, percentText, signedPercent } from './figures.ts'

export type Line = (name: string, text: string) => string[]

export function energyLines(document: RunDocument, line: Line): string[] {
  const { power, energy: used } = document
  const watts = [
    power.system_w ? `system ${energy(power.system_w)}` : '',
    power.cpu_w ? `CPU ${energy(power.cpu_w)}` : '',
    power.gpu_w ? `GPU ${energy(power.gpu_w)}` : '',
  ].filter(Boolean)
  if (watts.length === 0) {
    const row = document.unmeasured.find(({ what }) => what.endsWith('_w') && what !== 'idle_w')
    return line('Power', `not measured: ${row?.reason ?? 'no sensor'}`)
  }
  const short = [power.system_w, power.cpu_w, power.gpu_w].find((figure) => hasCaution(figure, 'below-resolution'))
  return [
    ...line('Power', watts.join(' · ')),
    ...(used.per_inference_j ? line('Energy', perInference(document)) : []),
    ...(short ? line('', cautionText(short)!) : []),
    ...(used.total_j?.grade === 'D' ? line('', '`tailwatt doctor` says how to measure it') : []),
    ...carbonLine(document, line),
    ...meaningLines(document, line),
    ...balanceLine(document, line),
  ]
}

function perInference({ energy: used }: RunDocument): string {
  const gross = `${energy(used.per_inference_j)} per inference, ${used.per_inference_j!.scope ?? ''} only`
  const net = used.net_per_inference_j
  if (!net || !used.idle_w) return gross
  // Within its interval of nothing: a value of no meaning is not shown.
  const above =
    net.value !== null && net.low !== null && net.low > 0
      ? `net of idle ${energy(net)}`
      : `not above idle within ±${formatPrefixed((net.high! - net.low!) / 2, 'J')}`
  return `${gross} · ${above} (idle ${energy(used.idle_w)})${net.cautions === undefined ? '' : `; ${cautionText(net)}`}`
}

function carbonLine({ energy: { carbon } }: RunDocument, line: Line): string[] {
  const grams = carbon?.per_inference_g
  if (!carbon || !grams) return []
  if (carbon.g_per_kwh === null)
    return line('Carbon', `${energy(grams)} per inference: the grid is not known; --region DEU narrows it`)
  return line('Carbon', `${energy(grams)} per inference (${gridText(carbon)}${pueText(carbon)})`)
}

function gridText({ g_per_kwh, region, cloud, year, kind, basis, live }: CarbonSection): string {
  const grid = `${formatNumber(g_per_kwh!)} g/kWh`
  if (live) return `${live.zone} now: ${grid}, ${kind}, ${basis}${live.estimated ? ', estimated' : ''}`
  if (region === null || year === null) return `${grid} as given`
  return `${cloud === undefined ? region : `${cloud} in ${region}`} ${year}: ${grid}, ${kind}, ${basis}`
}

function pueText({ pue, pue_source: source }: CarbonSection): string {
  if (pue === 1) return ''
  const of = source && source !== 'given' ? ` of ${source.provider}’s data centres ${source.year}` : ''
  return `, PUE ${formatNumber(pue)}${of}`
}

/** Cost and SCI where they were asked for, the energy-delay product where the energy has a value. */
function meaningLines({ energy: { cost, sci, energy_delay_product_js: edp } }: RunDocument, line: Line): string[] {
  const million = cost?.per_million
  const price = cost ? `${formatNumber(cost.per_kwh)}${cost.currency === '' ? '' : ` ${cost.currency}`}/kWh` : ''
  const overhead = cost && cost.pue !== 1 ? `, PUE ${formatNumber(cost.pue)}` : ''
  const grams = sci?.per_inference_g
  const operational = sci?.operational_g.value
  const shares =
    sci && typeof operational === 'number' && operational + sci.embodied_g > 0
      ? `: ${percentText(sci.embodied_g / (operational + sci.embodied_g))} of it embodied`
      : ''
  return [
    ...(million ? line('Cost', `${money(million)} per million inferences (${price}${overhead})`) : []),
    ...(grams ? line('SCI', `${energy(grams)} per inference${shares}`) : []),
    ...(edp && edp.value !== null ? line('EDP', `${energy(edp)}: energy × mean service time`) : []),
  ]
}

/** What is unaccounted first, then readings of the same joules that disagree; those that agree are only counted. */
function balanceLine({ energy: used }: RunDocument, line: Line): string[] {
  const checks = (used.checks ?? []).filter((check) => check.residual_w !== null)
  const same = checks.filter(({ kind }) => kind === 'same')
  const agreeing = same.filter(({ agrees }) => agrees !== false).length
  const texts = [
    ...checks.filter(({ kind }) => kind === 'within').map(unaccounted),
    ...same.filter(({ agrees }) => agrees === false).map(disagreement),
  ].slice(0, 4)
  if (agreeing > 0) texts.push(`${agreeing} second ${agreeing === 1 ? 'reading agrees' : 'readings agree'}`)
  return texts.length === 0 ? [] : line('Balance', texts.join(' · '))
}

function unaccounted({ what, against, residual_w: residual }: EnergyCheck): string {
  const watts = `${formatNumber(Math.abs(residual!))} W`
  return residual! >= 0
    ? `unaccounted ${watts} between ${names(what)} and ${names(against)}`
    : `${names(what)} shows ${watts} more than ${names(against)}`
}

function disagreement({ what, against, joules, against_joules: of, residual_w: residual }: EnergyCheck): string {
  const watts = `${formatNumber(Math.abs(residual!))} W`
  return `${shortened(what.join(' + '))} against ${shortened(against.join(' + '))} ${signedPercent(joules.value! / of.value! - 1)} (${watts})`
}

/** Channel ids without their last part where it only says that it is energy; long device names and long sums shortened. */
function names(all: readonly string[]): string {
  const sensors = new Set(all.map((id) => id.split('/')[0]))
  if (all.length > 2 && sensors.size === 1) return `${all.length} parts of ${[...sensors][0]}`
  return all.map((id) => shortened(id.replace(/\/(?:energy|power)$/, ''))).join(' + ')
}

const shortened = (ids: string): string => ids.replace(/(GPU-[0-9a-f]{8})[0-9a-f-]+/g, '$1')

export function thermalLine({ thermal, channels }: RunDocument, line: Line): string[] {
  if (!thermal) return []
  const [hottest] = [...thermal.temperatures].sort((a, b) => b.max - a.max)
  const held = new Map<string, string[]>()
  for (const { device, reason, share, times } of thermal.throttled) {
    const much = share === null ? `${times} times` : `${percentText(share.value!)} of the time`
    // Reasons that include each other are counted alike.
    held.set(`${device} ${much}`, [...(held.get(`${device} ${much}`) ?? [`held back ${much}`]), reason])
  }
  const cores = new Set(channels.filter(({ role }) => role === 'core-clock').map(({ id }) => id))
  const clock = thermal.clocks.find(({ channel }) => cores.has(channel))
  const parts = [
    hottest
      ? `${formatNumber(hottest.start)} → ${formatNumber(hottest.end)} °C, at most ${formatNumber(hottest.max)} (${names([hottest.channel])})`
      : '',
    clock && clock.min < 0.98 * clock.max ? `clock ${formatNumber(clock.min)} … ${formatNumber(clock.max)} MHz` : '',
    ...[...held.values()].slice(0, 3).map(([much, ...reasons]) => `${much} (${reasons.join(', ')})`),
  ].filter(Boolean)
  return parts.length === 0 ? [] : line('Thermal', parts.join(' · '))
}

const cpuNames: readonly (readonly [string, string])[] = [
  ['ipc', 'instructions per cycle'],
  ['cache_miss_rate', 'cache misses'],
  ['llc_miss_rate', 'LLC misses'],
  ['branch_miss_rate', 'branch misses'],
  ['topdown_backend_bound', 'slots waiting for data or units'],
  ['counted_share', 'counted'],
  ['memory_read_bytes_per_s', 'memory read'],
  ['memory_write_bytes_per_s', 'memory written'],
  ['memory_traffic_bytes_per_s', 'memory traffic'],
  ['context_switches_per_s', 'switches'],
  ['involuntary_switches_per_s', 'involuntary'],
  ['migrations_per_s', 'migrations'],
  ['major_page_faults_per_s', 'major faults'],
  ['run_queue_wait', 'threads waiting for a CPU'],
  ['psi_memory_full', 'stalled by memory'],
  ['psi_io_full', 'stalled by I/O'],
]
/** Shown only where they say something: nothing happened, or everything was counted. */
const dull: Readonly<Record<string, (value: number) => boolean>> = {
  counted_share: (value) => value > 0.995,
  major_page_faults_per_s: (value) => value === 0,
  run_queue_wait: (value) => value < 0.005,
  psi_memory_full: (value) => value < 0.001,
  psi_io_full: (value) => value < 0.001,
}
const deviceNames: readonly (readonly [string, string])[] = [
  ['utilization', 'busy'],
  ['sm_utilization', 'SM'],
  ['sm_occupancy', 'occupancy'],
  ['tensor', 'tensor'],
  ['any_tensor', 'tensor'],
  ['dram_bandwidth', 'DRAM'],
  ['dram', 'DRAM'],
  ['dram_utilization', 'DRAM'],
  ['pcie_tx_rate', 'PCIe sent'],
  ['pcie_rx_rate', 'PCIe received'],
  ['pcie_tx_per_s', 'PCIe sent'],
  ['pcie_rx_per_s', 'PCIe received'],
]

export function hardwareLines({ utilization }: RunDocument, line: Line): string[] {
  const cpu = shown(utilization?.cpu ?? {}, cpuNames)
  return [
    ...(cpu.length === 0 ? [] : line('CPU counters', cpu.join(' · '))),
    ...(utilization?.devices ?? []).flatMap(({ device, figures }) => {
      const texts = shown(figures, deviceNames)
      return texts.length === 0 ? [] : line('GPU', `${names([device])}: ${texts.join(' · ')}`)
    }),
  ]
}

const shown = (
  figures: Readonly<Record<string, Figure>>,
  wanted: readonly (readonly [string, string])[],
): readonly string[] =>
  wanted.flatMap(([key, name]) => {
    const figure = figures[key]
    if (!figure || figure.value === null || dull[key]?.(figure.value)) return []
    const { value, unit } = figure
    if (unit === 'ratio') return [`${name} ${percentText(value)}`]
    return [
      unit === 'B/s'
        ? `${name} ${formatPrefixed(value, 'B/s')}`
        : `${name} ${formatNumber(value)}${unit === '1/s' ? '/s' : ''}`,
    ]
  })
