// What this host can measure, what not, why not, and how to get it: every sensor's own answer, and the engine's.
import { knownCeilings } from '../ceilings/ceilings.ts'
import { cpuQuota } from '../host/facts.ts'
import type { Host } from '../host/host.ts'
import { packageVersion } from '../host/package-version.ts'
import { realHost } from '../host/real-host.ts'
import { absent } from '../base/absence.ts'
import { TailwattError, describeError } from '../base/errors.ts'
import { defaultSensors, findSensorProvider, parseSensors, sensorProviders } from '../sensors/catalog.ts'
import type { SensorProvider, SensorSpec } from '../sensors/sensor.ts'
import { messageOf, TooLate, within } from './sensing/time-limit.ts'
import { closeQuietly } from '../sensors/close-quietly.ts'
import { sensorRedactor } from '../sensors/secrets.ts'
import { formatPrefixed } from '../units/quantity.ts'

export interface DoctorRow {
  readonly id: string
  readonly gives: string
  readonly ok: boolean
  /** Why not; or, when it works, what is worth knowing. */
  readonly reason: string | null
  readonly remedy: string | null
}

export async function doctor(host: Host = realHost()): Promise<readonly DoctorRow[]> {
  const configured = configuredSensors(host)
  const own: SensorProvider[] = []
  const sensors = await Promise.all([
    ...sensorProviders
      // A recording says nothing about this host; what is configured has a row of its own.
      .filter(({ id, argument }) => argument?.name !== 'FILE' && !configured.specs.some(({ kind }) => kind === id))
      .map((provider) => defaultRow(host, provider)),
    ...configured.specs.map((spec) => configuredRow(host, spec, own)),
  ])
  const redactor = sensorRedactor(configured.specs, host, own)
  return [
    packageRow('onnxruntime-node', 'running ONNX models'),
    packageRow('koffi', 'NVIDIA GPUs and the perf PMU (foreign functions)'),
    clockRow(host),
    ...[...sensors, ...configured.rows].map((row) => ({
      ...row,
      reason: redactor.data(row.reason),
      remedy: redactor.data(row.remedy),
    })),
    quotaRow(host),
    ceilingsRow(host),
  ]
}

/** Longer than what any sensor of ours waits for itself, ms. */
const openMs = 10_000

async function sensorRow(
  host: Host,
  provider: SensorProvider,
  options: SensorSpec['options'] = {},
): Promise<DoctorRow> {
  const { id, gives } = provider
  const opened = await within(openMs, provider.open(host, options), (late) => {
    if (late.ok) void closeQuietly(late.sensor)
  }).catch((error: unknown) => {
    if (error instanceof TooLate) return absent(`it did not answer within ${openMs / 1e3} s`, 'check that it is alive')
    throw error
  })
  if (!opened.ok) return { id, gives: gives.text, ok: false, reason: opened.reason, remedy: opened.remedy }
  void closeQuietly(opened.sensor)
  return { id, gives: gives.text, ok: true, reason: opened.note ?? null, remedy: null }
}

/** One that fails where it should say no is a row; the others are told all the same. */
async function defaultRow(host: Host, provider: SensorProvider): Promise<DoctorRow> {
  try {
    return await sensorRow(host, provider)
  } catch (error) {
    const { id, gives } = provider
    return {
      id,
      gives: gives.text,
      ok: false,
      reason: messageOf(error),
      remedy: 'try again, and report it if it stays',
    }
  }
}

const variable = 'TAILWATT_SENSORS'

/** The sensors with an address, or of the user's own, that the environment names for every run. */
function configuredSensors(host: Host): { readonly specs: readonly SensorSpec[]; readonly rows: readonly DoctorRow[] } {
  const list = host.env(variable)
  if (list === undefined || list === '') return { specs: [], rows: [] }
  try {
    const byDefault = new Set(defaultSensors().map(({ kind }) => kind))
    return { specs: parseSensors(list).filter(({ kind }) => !byDefault.has(kind)), rows: [] }
  } catch (error) {
    if (!(error instanceof TailwattError)) throw error
    const { title, remedy } = describeError(error)
    return { specs: [], rows: [{ id: variable, gives: 'sensors of every run', ok: false, reason: title, remedy }] }
  }
}

/** @param own takes its provider, whose secrets no row may repeat */
async function configuredRow(host: Host, spec: SensorSpec, own: SensorProvider[]): Promise<DoctorRow> {
  try {
    const provider = (await findSensorProvider(spec.kind))!
    own.push(provider)
    return await sensorRow(host, provider, spec.options)
  } catch (error) {
    const reason = messageOf(error)
    return { id: spec.kind, gives: 'a sensor of your own', ok: false, reason, remedy: `correct ${variable}` }
  }
}

function packageRow(name: string, gives: string): DoctorRow {
  const version = packageVersion(name)
  return version === undefined
    ? { id: name, gives, ok: false, reason: `the package ${name} is not installed`, remedy: `npm install ${name}` }
    : { id: name, gives, ok: true, reason: `version ${version}`, remedy: null }
}

function clockRow(host: Host): DoctorRow {
  const source = host.readFile('/sys/devices/system/clocksource/clocksource0/current_clocksource')?.trim()
  const gives = 'one monotonic clock for all threads and processes'
  const slow = source === 'hpet' || source === 'acpi_pm'
  return slow
    ? {
        id: 'clock',
        gives,
        ok: false,
        reason: `the clock source is ${source}, which takes microseconds to read`,
        remedy: 'boot with clocksource=tsc',
      }
    : { id: 'clock', gives, ok: true, reason: source ?? null, remedy: null }
}

function ceilingsRow(host: Host): DoctorRow {
  const gives = 'what this host reaches at most: MFU and shares of memory bandwidth'
  const { measured_at, compute, bandwidth } = knownCeilings(host)
  if (measured_at === null) {
    const table = compute.length > 0 ? '; MFU is reckoned against a table' : ''
    return {
      id: 'ceilings',
      gives,
      ok: false,
      reason: `not measured yet${table}`,
      remedy: 'tailwatt doctor --ceilings',
    }
  }
  const most = (rates: readonly (number | null)[]): number => Math.max(...rates.map((rate) => rate ?? 0))
  const engine = most(compute.filter(({ provider }) => provider).map(({ flops_per_s }) => flops_per_s.value))
  const memory = most(bandwidth.map(({ bytes_per_s }) => bytes_per_s.value))
  const parts = [
    Number.isFinite(engine) ? `engine ${formatPrefixed(engine, 'FLOP/s')}` : '',
    Number.isFinite(memory) ? `memory ${formatPrefixed(memory, 'B/s')}` : '',
  ].filter(Boolean)
  return {
    id: 'ceilings',
    gives,
    ok: true,
    reason: `measured ${measured_at.slice(0, 10)}: ${parts.join(', ')}`,
    remedy: null,
  }
}

function quotaRow(host: Host): DoctorRow {
  const quota = cpuQuota(host)
  const gives = 'CPU time without a limit'
  return quota === null
    ? { id: 'cpu-quota', gives, ok: true, reason: 'no limit is set', remedy: null }
    : {
        id: 'cpu-quota',
        gives,
        ok: false,
        reason: `the cgroup may use ${quota} CPUs`,
        remedy: 'raise the limit of the container, or choose --threads to fit',
      }
}
