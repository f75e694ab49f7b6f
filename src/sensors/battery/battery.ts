// The battery's gauge (/sys/class/power_supply): while it discharges and nothing else feeds the machine, what flows out is
// what the machine draws. On mains it is no measure of anything here, and there are no readings. Files and units:
// Documentation/ABI/testing/sysfs-class-power (µW, µA, µV, µWh, µAh).
import { absent } from '../../base/absence.ts'
import type { Host } from '../../host/host.ts'
import { KeptFile } from '../../host/kept-file.ts'
import { ReadBudget } from '../../host/read-budget.ts'
import type { Channel } from '../../run/channel.ts'
import { localSensor, orClose } from '../local-sensor.ts'
import type { Opened, PolledSensor, SensorProvider } from '../sensor.ts'
import { ChangePoints } from '../change-points.ts'

const root = '/sys/class/power_supply'

/**
 * No gauge states its error. ±5 % is assumed: coulomb counters of laptops are specified to a few percent, and voltage and
 * current are not always of the same moment.
 */
export const systematic = 0.05

export const battery: SensorProvider = localSensor({
  id: 'battery',
  summary: 'Laptop batteries',
  gives: { text: 'power of the whole machine while it runs on its battery (grade C)', what: 'system_w' },
  rare: true,
  elsewhere: { reason: 'batteries are not read' },
  open: (host) => openBattery(host),
})

const instead = 'use an external meter: --sensors +shelly:ADDRESS'

export function openBattery(host: Host): Opened<PolledSensor> {
  const supplies = host.list(root).map((name) => ({ name, folder: `${root}/${name}` }))
  const batteries = supplies.filter(({ folder }) => isBattery(host, folder)).map((supply) => new Battery(host, supply))
  if (batteries.length === 0) return absent('this machine has no battery', instead)
  const mains = supplies
    .filter(({ folder }) => /^(?:Mains|USB)$/.test(host.readFile(`${folder}/type`)?.trim() ?? ''))
    .map(({ folder }) => new KeptFile(host, `${folder}/online`))
  const close = (): void => {
    for (const each of batteries) each.close()
    for (const file of mains) file.close()
  }
  return orClose(close, () => {
    const state = stateOf(batteries, mains)
    if (state.kind !== 'alone') return absent(state.reason, state.remedy)
    const names = batteries.map(({ name }) => name).join(' + ')
    const hasEnergy = joulesLeft(batteries) !== undefined
    return {
      ok: true,
      sensor: sensorOf(host, batteries, mains, hasEnergy, close),
      note: `${names}, ${state.watts.toFixed(1)} W now, ±${systematic * 100} % assumed`,
    }
  })
}

/** Batteries of the machine, not those of a mouse (`scope` is Device). */
const isBattery = (host: Host, folder: string): boolean =>
  host.readFile(`${folder}/type`)?.trim() === 'Battery' &&
  host.readFile(`${folder}/scope`)?.trim() !== 'Device' &&
  host.readFile(`${folder}/present`)?.trim() !== '0'

type State =
  /** Nothing but the batteries feeds the machine. */
  | { readonly kind: 'alone'; readonly watts: number }
  | { readonly kind: 'fed' | 'silent'; readonly reason: string; readonly remedy: string }

const unplug = `unplug the power supply before measuring, or ${instead}`

function stateOf(batteries: readonly Battery[], mains: readonly KeptFile[]): State {
  const states = batteries.map(({ status }) => status)
  const told = [...new Set(states.map((state) => state.toLowerCase() || 'unknown'))].join(' and ')
  // 2 is a supply whose voltage is negotiated (USB PPS).
  if (mains.some((file) => /^[12]$/.test(file.text() ?? '')))
    return {
      kind: 'fed',
      reason: `the machine is on mains (battery: ${told}), so the battery’s flow is not its power`,
      remedy: unplug,
    }
  const discharging = batteries.filter((_, i) => states[i] === 'Discharging')
  if (discharging.length === 0 || states.includes('Charging'))
    return { kind: 'fed', reason: `the battery is not what feeds the machine (${told})`, remedy: unplug }
  let watts = 0
  for (const each of discharging) watts += each.watts ?? Number.NaN
  return watts > 0
    ? { kind: 'alone', watts }
    : { kind: 'silent', reason: 'the battery’s gauge gives neither power nor current', remedy: instead }
}

const joulesPerMicrowattHour = 3.6e-3

function joulesLeft(batteries: readonly Battery[]): number | undefined {
  let sum = 0
  for (const { microwattHours } of batteries) {
    if (microwattHours === undefined) return undefined
    sum += microwattHours * joulesPerMicrowattHour
  }
  return sum
}

/** Gauges are asked through the embedded controller and kept for a second by the kernel's driver. */
const periodMs = 1000

function sensorOf(
  host: Host,
  batteries: readonly Battery[],
  mains: readonly KeptFile[],
  hasEnergy: boolean,
  close: () => void,
): PolledSensor {
  const base = { sensor: 'battery', scope: 'system', period_ms: periodMs, grade: 'C', systematic } as const
  const power: Channel = { ...base, id: 'battery/system/power', quantity: 'power', unit: 'W', kind: 'gauge' }
  const energy: Channel = { ...base, id: 'battery/system/energy', quantity: 'energy', unit: 'J', kind: 'counter' }
  const budget = new ReadBudget()
  const spent = new ChangePoints()
  let full: number | undefined
  return {
    channels: hasEnergy ? [power, energy] : [power],
    read: (at, out) => {
      const begin = host.now()
      if (!budget.due(begin)) return 'ok'
      const state = stateOf(batteries, mains)
      const left = state.kind === 'alone' && hasEnergy ? joulesLeft(batteries) : undefined
      budget.spent(begin, host.now())
      // What flows while something else feeds the machine belongs to no interval of it.
      if (state.kind === 'fed') out.put(0, at, Number.NaN)
      if (state.kind !== 'alone') return 'retry'
      out.put(0, at, state.watts)
      if (left !== undefined) {
        full ??= left
        spent.add(at, full - left, (t, joules) => out.put(1, t, joules))
      }
      return 'ok'
    },
    close,
  }
}

class Battery {
  readonly name: string
  readonly #status: KeptFile
  readonly #power: KeptFile
  readonly #current: KeptFile
  readonly #voltage: KeptFile
  readonly #energy: KeptFile

  constructor(host: Host, { name, folder }: { readonly name: string; readonly folder: string }) {
    const file = (what: string): KeptFile => new KeptFile(host, `${folder}/${what}`)
    this.name = name
    this.#status = file('status')
    this.#power = file('power_now')
    this.#current = file('current_now')
    this.#voltage = file('voltage_now')
    this.#energy = file('energy_now')
  }

  /** As the kernel names it; empty where it cannot be read. */
  get status(): string {
    return this.#status.text() ?? ''
  }

  /** Some drivers give a flow out of the battery as negative. */
  get watts(): number | undefined {
    const power = this.#power.number()
    const product = (this.#current.number() ?? Number.NaN) * (this.#voltage.number() ?? Number.NaN)
    const watts = Math.abs(power === undefined ? product / 1e12 : power / 1e6)
    return watts < mostWatts ? watts : undefined
  }

  /** A charge (µAh) times the voltage of the moment would fall and rise with the load: it is no energy. */
  get microwattHours(): number | undefined {
    const energy = this.#energy.number()
    return energy !== undefined && energy >= 0 && energy < mostMicrowattHours ? energy : undefined
  }

  close(): void {
    for (const file of [this.#status, this.#power, this.#current, this.#voltage, this.#energy]) file.close()
  }
}

/** More than any laptop's battery gives (W) or holds (1 kWh). */
const mostWatts = 1000
const mostMicrowattHours = 1e9
