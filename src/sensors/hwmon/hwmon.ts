// The kernel's hardware monitors (/sys/class/hwmon): processor and drive temperatures, and power and energy of chips that
// no other sensor reads. What a power sensor measures is known for few; of the others the watts are kept and in no total.
// Files and units: Documentation/hwmon/sysfs-interface.rst (m°C, µW, µJ, mV, mA).
import { absent } from '../../base/absence.ts'
import type { Host } from '../../host/host.ts'
import { openOnce } from '../../host/kept-file.ts'
import type { Channel, Scope } from '../../run/channel.ts'
import { celsius } from '../celsius.ts'
import { counterReadout, fileReadout, gaugeReadout, Names, readoutSensor, type Readout } from '../readout.ts'
import { localSensor } from '../local-sensor.ts'
import type { Opened, PolledSensor, SensorProvider } from '../sensor.ts'
import { hwmonDrivers, ownedElsewhere, tooFine, type HwmonDriver } from './drivers.ts'

const root = '/sys/class/hwmon'

export const hwmon: SensorProvider = localSensor({
  id: 'hwmon',
  summary: 'Hardware monitors of the kernel',
  gives: {
    text: 'temperatures of processor and drives; power of chips with a meter (grade C)',
    what: 'cpu_temperature',
  },
  elsewhere: { reason: 'there is no hwmon' },
  open: (host) => {
    const opened = openHwmon(host)
    return opened ? { ok: true, sensor: opened.sensor, note: noteOf(opened) } : whyNone(host)
  },
})

function whyNone(host: Host): Opened<PolledSensor> {
  const others = foldersOf(host).map(({ driver }) => driver)
  return others.length === 0
    ? absent(
        'the kernel shows no hardware monitor',
        'load the processor’s: sudo modprobe coretemp (Intel), k10temp (AMD); in a virtual machine there is none',
      )
    : absent(
        `none of ${[...new Set(others)].join(', ')} gives what is read here`,
        'load the processor’s: sudo modprobe coretemp (Intel), k10temp (AMD)',
      )
}

interface Monitors {
  readonly sensor: PolledSensor
  readonly chips: readonly string[]
}

function noteOf({ sensor, chips }: Monitors): string {
  const watts = sensor.channels.filter(({ quantity }) => quantity !== 'temperature')
  const placed = watts.filter(({ scope }) => scope !== 'zone').length
  const power =
    watts.length === 0
      ? ''
      : `; ${watts.length} of power or energy${placed < watts.length ? `, ${watts.length - placed} of them in no total` : ''}`
  return `${[...new Set(chips)].join(', ')}${power}`
}

export function openHwmon(host: Host): Monitors | undefined {
  const names = new Names()
  const chips: string[] = []
  const groups = foldersOf(host).flatMap(({ folder, driver }) => {
    if (driver in ownedElsewhere || isTwin(host, driver)) return []
    const readouts = chipOf(host, folder, driver, names)
    if (readouts.length === 0) return []
    chips.push(driver)
    return [readouts]
  })
  return groups.length === 0 ? undefined : { sensor: readoutSensor(host, groups), chips }
}

const foldersOf = (host: Host): readonly { readonly folder: string; readonly driver: string }[] =>
  [...host.list(root)]
    .sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)))
    .flatMap((entry) => {
      const folder = `${root}/${entry}`
      const driver = (host.readFile(`${folder}/name`) ?? host.readFile(`${folder}/device/name`))?.trim()
      return driver === undefined || driver === '' ? [] : [{ folder, driver }]
    })

/** Batteries, chargers and thermal zones show themselves as monitors too, under their names with `_` for `-`. */
function isTwin(host: Host, driver: string): boolean {
  const same = (name: string | undefined): boolean => name?.trim().replace(/-/g, '_') === driver
  return (
    host.list('/sys/class/power_supply').some(same) ||
    host.list('/sys/class/thermal').some((zone) => same(host.readFile(`/sys/class/thermal/${zone}/type`)))
  )
}

interface Input {
  /** `temp1`, `power2`, `energy12`, `in1`. */
  readonly name: string
  readonly label: string
  readonly path: string
}

function chipOf(host: Host, folder: string, driver: string, names: Names): readonly Readout[] {
  const known: HwmonDriver = hwmonDrivers[driver] ?? {}
  const inputs = inputsOf(host, folder)
  const device = names.of(deviceOf(host, folder, driver, inputs))
  const within = new Names()
  const place = (label: string): Scope => known.power?.find((each) => each.label.test(label))?.scope ?? 'zone'
  const readouts: (Readout | undefined)[] = temperaturesOf(known, inputs).map((input) => {
    const id = `hwmon/${device}/${within.of(plainName(input, 'temperature'))}`
    return temperature(host, input, { id, device, scope: known.temperatures!.scope })
  })
  for (const input of inputs) {
    const { name, label } = input
    const energy = /^energy\d+$/.test(name)
    if ((!energy && !/^power\d+$/.test(name)) || tooFine.test(label)) continue
    const scope = place(label)
    const own = socketOf(label) ?? device
    const what = energy ? 'energy' : 'power'
    const id = own === device ? `hwmon/${device}/${within.of(plainName(input, what))}` : `hwmon/${own}/${what}`
    const channel = { id, device: own, scope }
    readouts.push(energy ? energyOf(host, input, channel) : powerOf(host, folder, input, channel))
  }
  if (known.rails)
    for (const input of inputs.filter(({ name }) => /^in\d+$/.test(name))) {
      const id = `hwmon/${device}/${within.of(plainName(input, 'power'))}`
      readouts.push(railOf(host, folder, input, { id, device, scope: place(input.label) }))
    }
  return readouts.filter((readout) => readout !== undefined)
}

type Place = Pick<Channel, 'id' | 'device' | 'scope'>

/** `power` alone where there is one of it, else with its label: `power-VDD_IN`. */
const plainName = ({ label, name }: Input, what: string): string =>
  label === name || /^(?:Package id \d+|Tdie|Tctl|Composite)$/.test(label) ? what : `${what}-${label}`

/** As RAPL names the same: what counts the same joules is known by it. */
function socketOf(label: string): string | undefined {
  const socket = /^(?:Package id |Esocket)(\d+)$/.exec(label)?.[1]
  return socket === undefined ? undefined : `package-${socket}`
}

/** Of a processor its package; of a drive its name; else the driver's. */
function deviceOf(host: Host, folder: string, driver: string, inputs: readonly Input[]): string {
  const socket = driver === 'coretemp' ? inputs.map(({ label }) => socketOf(label)).find(Boolean) : undefined
  if (socket !== undefined) return socket
  const parent = host.resolve(`${folder}/device`)?.split('/').at(-1) ?? ''
  return /^nvme\d+$/.test(parent) ? parent : driver
}

function inputsOf(host: Host, folder: string): readonly Input[] {
  return host.list(folder).flatMap((file) => {
    const [, name, kind] = /^((temp|power|energy|in)\d+)_(?:input|average)$/.exec(file) ?? []
    if (name === undefined || kind === undefined) return []
    // Where a chip has both, the moment goes before the average.
    if (file.endsWith('_average') && host.exists(`${folder}/${name}_input`)) return []
    const label = host.readFile(`${folder}/${name}_label`)?.trim()
    return [{ name, label: label === undefined || label === '' ? name : label, path: `${folder}/${file}` }]
  })
}

function temperaturesOf({ temperatures }: HwmonDriver, inputs: readonly Input[]): readonly Input[] {
  const all = inputs.filter(({ name }) => name.startsWith('temp'))
  for (const label of temperatures?.labels ?? []) {
    const found = all.filter((input) => label.test(input.label))
    if (found.length > 0) return found
  }
  return []
}

/** More than a rack draws, W. */
const mostWatts = 100_000

const temperature = (host: Host, { path }: Input, place: Place): Readout | undefined =>
  fileReadout(host, path, { ...place, sensor: 'hwmon', quantity: 'temperature', unit: 'degC', kind: 'gauge' }, celsius)

/**
 * No driver states an error that holds for the board it sits on (the shunt's tolerance and the voltage regulator's
 * telemetry decide it): ±5 % is assumed for what enters a total.
 */
const assumed = 0.05

const watts = { sensor: 'hwmon', quantity: 'power', unit: 'W', grade: 'C', systematic: assumed } as const

function powerOf(host: Host, folder: string, { name, path }: Input, place: Place): Readout | undefined {
  const average = path.endsWith('_average')
  const interval = Number(host.readFile(`${folder}/${name}_average_interval`))
  const channel: Channel = {
    ...watts,
    ...place,
    kind: average ? 'average' : 'gauge',
    ...(average && interval > 0 && interval < 3.6e6 ? { window_ms: interval } : {}),
  }
  return fileReadout(host, path, channel, (microwatts) => plausibleWatts(microwatts / 1e6))
}

function railOf(host: Host, folder: string, { name, path }: Input, place: Place): Readout | undefined {
  const millivolts = openOnce(host, path)
  const milliamperes = openOnce(host, `${folder}/curr${name.slice(2)}_input`)
  return gaugeReadout(
    { ...watts, ...place, kind: 'gauge' },
    () => plausibleWatts(((millivolts?.number() ?? Number.NaN) * (milliamperes?.number() ?? Number.NaN)) / 1e6),
    () => {
      millivolts?.close()
      milliamperes?.close()
    },
  )
}

const plausibleWatts = (value: number): number | undefined => (value >= 0 && value < mostWatts ? value : undefined)

function energyOf(host: Host, { path }: Input, place: Place): Readout | undefined {
  const file = openOnce(host, path)
  const channel: Channel = { ...place, sensor: 'hwmon', quantity: 'energy', unit: 'J', kind: 'counter', grade: 'B' }
  const joules = (): number | undefined => {
    const raw = file?.number()
    return raw === undefined ? undefined : raw / 1e6
  }
  return counterReadout(channel, joules, mostWatts, () => file?.close())
}
