// Power meters of the firmware (ACPI 4.0, hwmon `power_meter`): on servers the whole machine's draw as the board management
// measures it, on NVIDIA Grace that of module, socket and rails. Averages over the interval the meter states. Files and
// units: Documentation/hwmon/acpi_power_meter.rst (µW, ms, %); what a meter covers: ACPI 6, §10.4.8 (_PMD).
import { absent, type Absent } from '../../base/absence.ts'
import type { Host } from '../../host/host.ts'
import type { Channel, Scope } from '../../run/channel.ts'
import { fileReadout, Names, readoutSensor, type Readout } from '../readout.ts'
import { localSensor } from '../local-sensor.ts'
import type { Opened, PolledSensor, SensorProvider } from '../sensor.ts'

const root = '/sys/class/hwmon'

export const acpiMeter: SensorProvider = localSensor({
  id: 'acpi-meter',
  summary: 'ACPI power meters',
  gives: { text: 'power of the whole machine as its firmware measures it (grade C)', what: 'system_w' },
  rare: true,
  elsewhere: { reason: 'there is no ACPI power meter' },
  open: (host) => openAcpiMeters(host),
})

interface Meter {
  readonly device: string
  readonly scope: Scope
  /** Half-width of its error as a share, and whether the firmware states it. */
  readonly systematic: number
  readonly stated: boolean
  readonly interval: number | undefined
  readonly readout: Readout
}

const instead = 'use an external meter: --sensors +shelly:ADDRESS'

export function openAcpiMeters(host: Host): Opened<PolledSensor> {
  const folders = host
    .list(root)
    .map((entry) => `${root}/${entry}`)
    .filter((folder) => fileOf(host, folder, 'name') === 'power_meter')
  if (folders.length === 0) return absent('the firmware shows no power meter', instead)
  const names = new Names()
  const meters = folders.flatMap((folder) => meterOf(host, folder, folders.length === 1, names) ?? [])
  if (meters.length === 0) return whyNone(host, folders)
  const said = meters.map(({ device, scope, systematic, stated, interval }) => {
    const what = scope === 'system' ? 'the whole machine' : scope === 'zone' ? `${device}, in no total` : device
    const window = interval === undefined ? '' : `, averaged over ${interval / 1000} s`
    const error = Number((systematic * 100).toPrecision(3))
    return `${what}${window}, ±${error} %${stated ? '' : ' assumed'}`
  })
  // Firmware takes its time: each meter has a budget of its own.
  const sensor = readoutSensor(
    host,
    meters.map(({ readout }) => [{ ...readout, channel: within(readout.channel, meters) }]),
  )
  return { ok: true, sensor, note: said.join('; ') }
}

/** A socket lies in the module of the same number. */
function within(channel: Channel, meters: readonly Meter[]): Channel {
  const number = /\d+$/.exec(channel.device ?? '')?.[0]
  const module = meters.find(({ device, scope }) => scope === 'module' && /\d+$/.exec(device)?.[0] === number)
  return channel.scope === 'package' && module ? { ...channel, parent: module.readout.channel.id } : channel
}

function whyNone(host: Host, folders: readonly string[]): Absent {
  if (folders.every((folder) => fileOf(host, folder, 'power1_is_battery') === '1'))
    return absent('the firmware’s power meter measures a battery', instead)
  return absent('the firmware’s power meter gives no reading', `enable power monitoring in the firmware, or ${instead}`)
}

/** Files lie with the monitor, of older kernels with the ACPI device behind it. */
const pathOf = (host: Host, folder: string, name: string): string =>
  host.exists(`${folder}/${name}`) ? `${folder}/${name}` : `${folder}/device/${name}`
const fileOf = (host: Host, folder: string, name: string): string | undefined =>
  host.readFile(pathOf(host, folder, name))?.trim()

/** More than a rack draws, W; all ones (4.3 MW) is the firmware's "not known". */
const mostWatts = 100_000

function meterOf(host: Host, folder: string, alone: boolean, names: Names): Meter | undefined {
  if (fileOf(host, folder, 'power1_is_battery') === '1') return undefined
  const about = fileOf(host, folder, 'power1_oem_info') ?? ''
  const scope = scopeOf(host, folder, about, alone)
  const device = scope === 'system' ? undefined : names.of(about === '' ? 'meter' : about)
  const interval = Number(fileOf(host, folder, 'power1_average_interval') ?? Number.NaN)
  const known = interval > 0 && interval <= 3.6e6 ? interval : undefined
  const accuracy = errorOf(fileOf(host, folder, 'power1_accuracy'))
  const channel: Channel = {
    id: `acpi-meter/${device ?? names.of('system')}/power`,
    sensor: 'acpi-meter',
    quantity: 'power',
    unit: 'W',
    kind: 'average',
    scope,
    ...(device === undefined ? {} : { device }),
    ...(known === undefined ? {} : { window_ms: known }),
    grade: 'C',
    systematic: accuracy ?? assumed,
  }
  const readout = fileReadout(host, pathOf(host, folder, 'power1_average'), channel, (microwatts) => {
    const watts = microwatts / 1e6
    // A machine that runs draws more than nothing.
    return watts > 0 && watts < mostWatts ? watts : undefined
  })
  return (
    readout && {
      device: device ?? 'system',
      scope,
      systematic: accuracy ?? assumed,
      stated: accuracy !== undefined,
      interval: known,
      readout,
    }
  )
}

/**
 * A meter that measures \_SB (LNXSYBUS) has the whole machine. NVIDIA Grace names its meters (Grace performance tuning
 * guide, "Power Telemetry"): the module's holds the GPU, the socket's the CPU and its memory. One that says nothing and
 * is the only one is taken for the machine's; of several nobody knows what they share.
 */
function scopeOf(host: Host, folder: string, about: string, alone: boolean): Scope {
  if (/\bmodule power\b/i.test(about)) return 'module'
  if (/\bgrace power\b/i.test(about)) return 'package'
  if (/\b(?:cpu|sysio) power\b/i.test(about)) return 'zone'
  const measured = [`${folder}/measures`, `${folder}/device/measures`].flatMap((path) => host.list(path))
  if (measured.some((name) => name.startsWith('LNXSYBUS'))) return 'system'
  return alone && measured.length === 0 ? 'system' : 'zone'
}

/** Where the firmware states no error, or none that can be true (100 %): usual for board management is ±5 %. */
const assumed = 0.05

/**
 * `95.0%` is right within 5 % (ACPI 6, table of _PMC: thousandths of a percent, 100 % at most); some firmware states the
 * error itself, which is small.
 */
export function errorOf(text: string | undefined): number | undefined {
  const percent = Number(/^(\d{1,3}(?:\.\d+)?)\s*%?$/.exec(text ?? '')?.[1] ?? Number.NaN)
  if (!(percent > 0 && percent < 100)) return undefined
  return Number(((percent > 50 ? 100 - percent : percent) / 100).toPrecision(6))
}
