import { describe, expect, test } from 'vitest'
import { virtualPerf } from '../../host/virtual-perf.ts'
import {
  E,
  devices,
  physical,
  virtual,
  stepping,
  rateOf,
  machine,
  everything,
  refusing,
  opened,
  values,
  said,
} from '../../../test/fixtures/hosts/perf-machine.ts'

describe('memory traffic', () => {
  const imc = (box: number, events: Record<string, string>): Record<string, string> => ({
    [`${devices}/uncore_imc_${box}/type`]: `${20 + box}\n`,
    [`${devices}/uncore_imc_${box}/cpumask`]: '0,1\n',
    [`${devices}/uncore_imc_${box}/format/event`]: 'config:0-7\n',
    [`${devices}/uncore_imc_${box}/format/umask`]: 'config:8-15\n',
    ...Object.fromEntries(
      Object.entries(events).flatMap(([name, terms]) => [
        [`${devices}/uncore_imc_${box}/events/${name}`, terms],
        [`${devices}/uncore_imc_${box}/events/${name}.scale`, '6.103515625e-5\n'],
        [`${devices}/uncore_imc_${box}/events/${name}.unit`, 'MiB\n'],
      ]),
    ),
  })
  const cas = { cas_count_read: 'event=0x05,umask=0xcf', cas_count_write: 'event=0x05,umask=0xf0' }
  const traffic = (files: Record<string, string>, perf = everything()): Record<string, number> =>
    Object.fromEntries(
      Object.entries(values(opened(machine({ ...physical, ...files }, perf)), 2)).filter(([id]) =>
        id.startsWith('perf-event/host/memory'),
      ),
    )

  test('of Intel is summed over controllers and sockets, by the scale of sysfs', () => {
    const perf = everything()
    expect(traffic({ ...imc(0, cas), ...imc(1, cas) }, perf)).toEqual({
      'perf-event/host/memory-read': 2 * 4 * 1000 * 64,
      'perf-event/host/memory-write': 2 * 4 * 1000 * 64,
    })
    const own = perf.asked.filter(({ type }) => type >= 20)
    expect(own.map(({ type, cpu, config }) => [type, cpu, config])).toContainEqual([21, 1, 0xf005n])
    expect(own.every(({ pid: of, flags }) => of === -1 && flags === 0n)).toBe(true)
  })

  test('of controllers with two subchannels counts both', () => {
    const found = traffic(
      imc(0, { cas_count_read_sch0: 'event=0x05,umask=0xcf', cas_count_read_sch1: 'event=0x06,umask=0xcf' }),
    )
    expect(found).toEqual({ 'perf-event/host/memory-read': 2 * 2 * 2 * 1000 * 64 })
  })

  test('that takes turns is scaled', () => {
    const perf = virtualPerf((event) => stepping(rateOf(event), event.type >= 20 ? 0.5 : 1))
    expect(traffic(imc(0, cas), perf)['perf-event/host/memory-read']).toBe(2 * 2 * 1000 * 64)
  })

  test('of AMD’s controllers is 64 bytes a command', () => {
    const perf = everything()
    const umc = {
      [`${devices}/amd_umc_0/type`]: '30\n',
      [`${devices}/amd_umc_0/cpumask`]: '0\n',
      [`${devices}/amd_umc_0/format/event`]: 'config:0-7\n',
      [`${devices}/amd_umc_0/format/rdwrmask`]: 'config:8-9\n',
    }
    expect(traffic(umc, perf)).toEqual({
      'perf-event/host/memory-read': 2 * 1000 * 64,
      'perf-event/host/memory-write': 2 * 1000 * 64,
    })
    expect(perf.asked.filter(({ type }) => type === 30).map(({ config }) => config)).toEqual([0x10an, 0x20an])
  })

  test('of Zen 1 to 3 comes from eight channels of the fabric; of later fabrics it does not', () => {
    const fabric = (event: string): Record<string, string> => ({
      [`${devices}/amd_df/type`]: '31\n',
      [`${devices}/amd_df/cpumask`]: '0\n',
      [`${devices}/amd_df/format/event`]: `${event}\n`,
      [`${devices}/amd_df/format/umask`]: 'config:8-15\n',
    })
    const perf = everything()
    expect(traffic(fabric('config:0-7,32-35,59-60'), perf)).toEqual({
      'perf-event/host/memory-traffic': 2 * 8 * 1000 * 64,
    })
    const configs = perf.asked.filter(({ type }) => type === 31).map(({ config }) => config)
    expect(configs[0]).toBe(0x3807n)
    expect(configs[7]).toBe(0x1_0000_38c7n)
    expect(traffic(fabric('config:0-7,32-37'))).toEqual({})
  })

  test('of which one controller is refused is no sum', () => {
    const perf = refusing(({ type, config }) => (type === 21 && config === 0xf005n ? E.EINVAL : undefined))
    const host = machine({ ...physical, ...imc(0, cas), ...imc(1, cas) }, perf)
    const { sensor } = opened(host)
    const ids = sensor.channels.map(({ id }) => id)
    expect(ids).toContain('perf-event/host/memory-read')
    expect(ids).not.toContain('perf-event/host/memory-write')
    expect(said(sensor.lacks)).toMatch(/perf-event\/host: memory-write \| the kernel does not take this event/)
  })

  test('that no PMU shows says what would', () => {
    expect(said(opened(machine(physical, everything())).sensor.lacks)).toMatch(/memory-read.*uncore_imc.*modprobe/)
    expect(said(opened(machine(virtual, everything())).sensor.lacks)).toMatch(/memory-read.*virtual machine/)
  })
})
