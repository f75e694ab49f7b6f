// The host's own sensors: RAPL's counters (1 ms, by the perf PMU in 2⁻³² J, by powercap in the usual 2⁻¹⁴ J), the packages'
// temperatures (1 s, whole °C, as `coretemp` has them), and the ticks of /proc.
import { hwmonChannels, procfsChannels, raplChannels } from './channels.ts'
import { counted, updateBefore, type Source } from './source.ts'
import type { Rail, Truth } from './truth.ts'

const railOf: Readonly<Record<string, Rail>> = {
  'package-0': 'package0',
  'package-0/dram': 'dram0',
  'package-1': 'package1',
  'package-1/dram': 'dram1',
  psys: 'psys',
}
const raplPeriod = 1e6
const perfUnit = 2 ** -32
const powercapUnit = 61_035e-9

export function raplSource(truth: Truth): Source {
  const first = raplChannels.map(() => Number.NaN)
  return {
    channels: raplChannels,
    power: true,
    read: (at, put) =>
      raplChannels.forEach(({ device, check }, index) => {
        // Each counter has its own moment of update.
        const update = updateBefore(at, raplPeriod, 0.13e6 * (index % 7))
        const joules = counted(truth.sum(railOf[device!]!, update), check ? powercapUnit : perfUnit)
        if (Number.isNaN(first[index]!)) first[index] = joules
        put(index, at, joules - first[index]!)
      }),
  }
}

const coretempPeriod = 1e9

export function hwmonSource(truth: Truth): Source {
  return {
    channels: hwmonChannels,
    power: false,
    read: (at, put) => {
      const update = updateBefore(at, coretempPeriod, 0.31e9)
      put(0, at, Math.round(truth.level('package0Temperature', update)))
      put(1, at, Math.round(truth.level('package1Temperature', update)))
    },
  }
}

const tick = 0.01
/** CPU time before the run, s: since boot, and of tailwatt. */
const busyEarlier = 81_402.17
const ownEarlier = 0.41
const residentBytes = 2.61 * 2 ** 30

/** Switches and migrations a second, of which the voluntary ones are the waits between requests. */
const involuntary = 3.1
const migrations = 0.4

export function procfsSource(truth: Truth): Source {
  const { schedule, requests, loadTo } = truth
  const started = schedule.trials.at(-1)!.at
  let answered = 0
  return {
    channels: procfsChannels,
    power: false,
    read: (at, put) => {
      put(0, at, counted(busyEarlier + truth.sum('hostCpu', at), tick))
      put(1, at, 0)
      if (at >= schedule.loadFrom && at <= loadTo) {
        while (answered < requests.length && requests.done[answered]! <= at) answered++
        const since = (at - schedule.loadFrom) / 1e9
        put(2, at, counted(truth.between('targetCpu', started, at), tick))
        put(3, at, residentBytes)
        put(4, at, 812 + answered)
        put(5, at, Math.floor(involuntary * since))
        put(6, at, Math.floor(migrations * since))
      }
      put(7, at, counted(ownEarlier + truth.sum('selfCpu', at), tick))
    },
  }
}
