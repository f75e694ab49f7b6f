// The sensors there are. Only this file names concrete ones; a path or file URL names a module of the user's.
import { namesModule } from '../host/extension.ts'
import type { Host } from '../host/host.ts'
import type { EnergyContext, HostFacts } from '../run/manifest.ts'
import { acpiMeter } from './acpi-meter/acpi-meter.ts'
import { amdgpu } from './amdgpu/amdgpu.ts'
import { battery } from './battery/battery.ts'
import { cpufreq } from './cpufreq/cpufreq.ts'
import { dcgm } from './dcgm-exporter/dcgm-exporter.ts'
import { electricityMaps } from './electricity-maps/electricity-maps.ts'
import { hostGpus } from './drm/host-gpus.ts'
import { hwmon } from './hwmon/hwmon.ts'
import { intelGpu } from './intel-gpu/intel-gpu.ts'
import { model } from './model/model.ts'
import { nvidiaGpus } from './nvml/facts.ts'
import { gpm } from './nvml/gpm.ts'
import { nvml } from './nvml/nvml.ts'
import { perfEvent } from './perf-event/perf-event.ts'
import { procfs } from './procfs/procfs.ts'
import { rapl } from './rapl/rapl.ts'
import { replay } from './replay/replay.ts'
import type { SensorProvider, SensorSpec } from './sensor.ts'
import { shelly } from './shelly/shelly.ts'
import { defaultsOf, parseSensorList } from './specs.ts'
import { tasmota } from './tasmota/tasmota.ts'
import { thermal } from './thermal/thermal.ts'

export const sensorProviders: readonly SensorProvider[] = [
  rapl,
  nvml,
  gpm,
  acpiMeter,
  battery,
  hwmon,
  thermal,
  cpufreq,
  amdgpu,
  intelGpu,
  procfs,
  perfEvent,
  model,
  dcgm,
  shelly,
  tasmota,
  electricityMaps,
  replay,
]

/** `undefined` when there is none of that name. @throws Error when a module of the user's cannot be loaded. */
export const findSensorProvider = async (kind: string): Promise<SensorProvider | undefined> =>
  namesModule(kind)
    ? // Its channels are checked by the schema, which nobody else here needs.
      (await import('./module.ts')).importSensor(kind)
    : sensorProviders.find((provider) => provider.id === kind)

/** All that need not be told where to look, and of these those that give what is wanted. */
export const defaultSensors = (
  wanted: (gives: SensorProvider['gives']) => boolean = () => true,
): readonly SensorSpec[] => defaultsOf(sensorProviders.filter(({ gives }) => wanted(gives)))

/** See `parseSensors` in the public API. */
export const parseSensors = (lists: string | readonly string[]): readonly SensorSpec[] =>
  parseSensorList(lists, sensorProviders)

/** The sensor that a live zone needs, beside those that were asked for. */
export const liveSensors = ({ zone, grid_g_per_kwh: given }: EnergyContext): readonly SensorSpec[] =>
  zone === undefined || given !== undefined
    ? []
    : sensorProviders
        .filter(({ argument }) => argument?.name === 'ZONE')
        .map(({ id }) => ({ kind: id, options: { argument: zone }, asked: true }))

/** The host's GPUs for the manifest; never fails. */
export const gpuFacts = (host: Host): HostFacts['gpus'] => hostGpus(host, nvidiaGpus)
