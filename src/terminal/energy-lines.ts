// Lines of the summary about power: watts, joules gross and net, what is unaccounted, heat, and what the hardware counted.
// Each appears only where it was measured.
import { formatNumber, formatPrefixed, type CarbonSection, type Figure, type RunDocument } from '../index.ts'
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
  const short = [power.system_w, power.cpu_w, power.gpu_w].find((figure) =>
    figure?.caution?.startsWith('below resolution'),
  )
  return [
    ...line('Power', watts.join(' · ')),
    ...(used.per_inference_j ? line('Energy', perInference(document)) : []),
    ...(short ? line('', short.caution!) : []),
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
  return `${gross} · ${above} (idle ${energy(used.idle_w)})${net.caution === undefined ? '' : `; ${net.caution}`}`
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

/** Of a default the provider and year, which is what its source begins with. */
const pueText = ({ pue, pue_source: source, cloud }: CarbonSection): string =>
  pue === 1
    ? ''
    : `, PUE ${formatNumber(pue)}${cloud !== undefined && source && source !== 'as given' ? ` of ${source.split(':')[0]}` : ''}`

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

function balanceLine({ energy: used }: RunDocument, line: Line): string[] {
  const texts = (used.checks ?? []).flatMap((check) => {
    if (check.residual_w === null) return []
    const watts = `${formatNumber(Math.abs(check.residual_w))} W`
    if (check.kind === 'within') {
      return check.residual_w >= 0
        ? [`unaccounted ${watts} between ${names(check.what)} and ${names(check.against)}`]
        : [`${names(check.what)} shows ${watts} more than ${names(check.against)}`]
    }
    const share = check.joules.value! / check.against_joules.value! - 1
    return [`${check.what} against ${check.against} ${signedPercent(share)} (${watts})`]
  })
  return texts.length === 0 ? [] : line('Balance', texts.slice(0, 4).join(' · '))
}

/** Channel ids without their last part where it only says that it is energy; long device names shortened. */
const names = (ids: string): string =>
  ids
    .split(' + ')
    .map((id) => id.replace(/\/(?:energy|power)$/, '').replace(/(GPU-[0-9a-f]{8})[0-9a-f-]+/, '$1'))
    .join(' + ')

export function thermalLine({ thermal }: RunDocument, line: Line): string[] {
  if (!thermal) return []
  const [hottest] = [...thermal.temperatures].sort((a, b) => b.max - a.max)
  const held = thermal.throttled.map((row) =>
    row.share === null
      ? `${row.reason} ${row.times} times`
      : `held back ${percentText(row.share.value!)} of the time (${row.reason})`,
  )
  const clock = thermal.clocks.find(({ channel }) => /sm|graphics|cpu|core/.test(channel))
  const parts = [
    hottest
      ? `${formatNumber(hottest.start)} → ${formatNumber(hottest.end)} °C, at most ${formatNumber(hottest.max)} (${names(hottest.channel)})`
      : '',
    clock && clock.min < 0.98 * clock.max ? `clock ${formatNumber(clock.min)} … ${formatNumber(clock.max)} MHz` : '',
    ...held.slice(0, 3),
  ].filter(Boolean)
  return parts.length === 0 ? [] : line('Thermal', parts.join(' · '))
}

const cpuNames: readonly (readonly [string, string])[] = [
  ['ipc', 'instructions per cycle'],
  ['cache_miss_rate', 'cache misses'],
  ['llc_miss_rate', 'LLC misses'],
  ['branch_miss_rate', 'branch misses'],
  ['memory_read_bytes_per_s', 'memory read'],
  ['memory_write_bytes_per_s', 'memory written'],
  ['migrations_per_s', 'migrations'],
]
const deviceNames: readonly (readonly [string, string])[] = [
  ['utilisation', 'busy'],
  ['sm_utilisation', 'SM'],
  ['sm_occupancy', 'occupancy'],
  ['tensor', 'tensor'],
  ['any_tensor', 'tensor'],
  ['dram_bandwidth', 'DRAM'],
  ['dram', 'DRAM'],
  ['pcie_tx_per_s', 'PCIe sent'],
  ['pcie_rx_per_s', 'PCIe received'],
]

export function hardwareLines({ utilisation }: RunDocument, line: Line): string[] {
  const cpu = shown(utilisation?.cpu ?? {}, cpuNames)
  return [
    ...(cpu.length === 0 ? [] : line('CPU counters', cpu.join(' · '))),
    ...(utilisation?.devices ?? []).flatMap(({ device, figures }) => {
      const texts = shown(figures, deviceNames)
      return texts.length === 0 ? [] : line('GPU', `${names(device)}: ${texts.join(' · ')}`)
    }),
  ]
}

const shown = (
  figures: Readonly<Record<string, Figure>>,
  wanted: readonly (readonly [string, string])[],
): readonly string[] =>
  wanted.flatMap(([key, name]) => {
    const figure = figures[key]
    if (!figure || figure.value === null) return []
    const { value, unit } = figure
    if (unit === 'ratio') return [`${name} ${percentText(value)}`]
    return [
      unit === 'B/s'
        ? `${name} ${formatPrefixed(value, 'B/s')}`
        : `${name} ${formatNumber(value)}${unit === '1/s' ? '/s' : ''}`,
    ]
  })
