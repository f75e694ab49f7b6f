// Sensors that are not read: the rows of `unmeasured`, and the sentences for those that the user asked for.
import type { Unmeasured } from '../../run/manifest.ts'
import type { SensorSpec } from '../../sensors/sensor.ts'

export interface SensorAbsence {
  readonly spec: SensorSpec
  readonly reason: string
  readonly remedy: string
}

/** What a sensor's absence leaves without a figure. */
const wouldGive: Readonly<Record<string, string>> = {
  rapl: 'cpu_w',
  nvml: 'gpu_w',
  dcgm: 'gpu_w',
  gpm: 'gpu_activity',
  amdgpu: 'gpu_w',
  'intel-gpu': 'gpu_w',
  model: 'cpu_w',
  procfs: 'utilisation',
  'perf-event': 'cpu_counters',
  shelly: 'system_w',
  tasmota: 'system_w',
  'acpi-meter': 'system_w',
  battery: 'system_w',
  hwmon: 'cpu_temperature',
  thermal: 'cpu_temperature',
  cpufreq: 'cpu_clock',
  'electricity-maps': 'grid_intensity',
}

/** Most machines have none: told by `doctor`, and in a run only where it was asked for. */
const rare: ReadonlySet<string> = new Set(['acpi-meter', 'battery'])

/** The rows of `unmeasured`, and the sentences for those the user asked for. */
export function absences(rows: readonly SensorAbsence[]): {
  readonly unmeasured: readonly Unmeasured[]
  readonly warnings: readonly string[]
} {
  return {
    unmeasured: rows
      .filter(({ spec }) => spec.asked === true || !rare.has(spec.kind))
      .map(({ spec, reason, remedy }) => ({
        what: wouldGive[spec.kind] ?? spec.kind,
        reason: `${spec.kind}: ${reason}`,
        remedy,
      })),
    warnings: rows
      .filter(({ spec }) => spec.asked === true)
      .map(({ spec, reason, remedy }) => `the sensor ${spec.kind} is not read: ${reason}; ${remedy}`),
  }
}
