// The kernel's thermal zones (/sys/class/thermal): temperatures with the names that firmware gives them. The processor's own
// monitor (hwmon) goes before its zone. Files: Documentation/driver-api/thermal/sysfs-api.rst (m°C).
import { absent } from '../../base/absence.ts'
import type { Host } from '../../host/host.ts'
import type { Channel } from '../../run/channel.ts'
import { celsius } from '../celsius.ts'
import { fileReadout, Names, readoutSensor, type Readout } from '../readout.ts'
import { localSensor } from '../local-sensor.ts'
import type { Opened, PolledSensor, SensorProvider } from '../sensor.ts'

const root = '/sys/class/thermal'

export const thermal: SensorProvider = localSensor({
  id: 'thermal',
  summary: 'Thermal zones',
  gives: { text: 'temperatures of the machine’s thermal zones', what: 'cpu_temperature' },
  elsewhere: { reason: 'there are no thermal zones' },
  open: (host) => {
    const sensor = openThermal(host)
    return sensor
      ? { ok: true, sensor, note: sensor.channels.map(({ device }) => device).join(', ') }
      : whyNone(zonesOf(host).map(({ type }) => type))
  },
})

const whyNone = (types: readonly string[]): Opened<PolledSensor> =>
  types.length === 0
    ? absent('the kernel shows no thermal zone', 'nothing to do: not every machine has one, virtual ones have none')
    : absent(
        `${[...new Set(types)].join(', ')} ${types.length === 1 ? 'gives no temperature of its' : 'give no temperature of their'} own`,
        'nothing to do where hwmon reads the processor’s',
      )

const zonesOf = (host: Host): readonly { readonly folder: string; readonly type: string }[] =>
  host
    .list(root)
    .filter((entry) => /^thermal_zone\d+$/.test(entry))
    .sort((a, b) => Number(a.slice(12)) - Number(b.slice(12)))
    .flatMap((entry) => {
      const type = host.readFile(`${root}/${entry}/type`)?.trim()
      return type === undefined || type === '' ? [] : [{ folder: `${root}/${entry}`, type }]
    })

/** Shows 20 °C whatever happens: a place for policies, not a sensor (drivers/thermal/intel/int340x_thermal). */
const placeholder = /^INT3400/
const processor = /^(?:x86_pkg_temp|TCPU|B0D4|cpu\d*|(?:cpu|soc)[-_ ]?therm(?:al)?\d*|pkg-temp-\d+)$/i

export function openThermal(host: Host): PolledSensor | undefined {
  const names = new Names()
  const known = monitored(host)
  const readouts = zonesOf(host).flatMap(({ folder, type }) =>
    placeholder.test(type) || (type === 'x86_pkg_temp' && known) ? [] : (zone(host, folder, type, names) ?? []),
  )
  // Firmware answers some of them, slowly: each has a budget of its own.
  return readouts.length === 0
    ? undefined
    : readoutSensor(
        host,
        readouts.map((readout) => [readout]),
      )
}

const monitored = (host: Host): boolean =>
  host.list('/sys/class/hwmon').some((entry) => host.readFile(`/sys/class/hwmon/${entry}/name`)?.trim() === 'coretemp')

const zone = (host: Host, folder: string, type: string, names: Names): Readout | undefined =>
  fileReadout(
    host,
    `${folder}/temp`,
    () => channelOf(names.of(type), type),
    (millidegrees) =>
      // Sensors that are not there show 0 or 0.05 °C.
      Math.abs(millidegrees) >= 100 ? celsius(millidegrees) : undefined,
  )

const channelOf = (device: string, type: string): Channel => ({
  id: `thermal/${device}/temperature`,
  sensor: 'thermal',
  quantity: 'temperature',
  unit: 'degC',
  kind: 'gauge',
  scope: processor.test(type) ? 'package' : 'zone',
  device,
})
