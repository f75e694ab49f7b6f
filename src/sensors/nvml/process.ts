// What the profiled process takes of one GPU. NVML's pids are the host's: in a container of its own pid namespace they
// never match, and there are no readings.
import { gpuShape } from '../gpu-shapes.ts'
import type { Readable } from './readable.ts'
import { processInfo, processSample, returns } from './layout.ts'
import type { Nvml } from './library.ts'
import { succeeded } from './status.ts'

const room = 256
const notAvailable = 0xffff_ffff_ffff_ffffn

export function processReadings(nvml: Nvml, device: unknown, watched: Int32Array): Readable[] {
  const samples = Buffer.alloc(room * processSample.size)
  const processes = Buffer.alloc(room * processInfo.size)
  const count = [0]
  let since = 0n
  const sample = (): number => {
    count[0] = room
    return nvml.call('processUtilization', device, samples, count, since)
  }
  const running = (): number => {
    count[0] = room
    return nvml.call('processes', device, count, processes)
  }
  const readables: Readable[] = []
  // "Not found" is that no process ran since: the call itself works.
  if ([returns.success, returns.notFound].some((status) => status === sample()))
    readables.push({
      name: 'process-utilization',
      trial: true,
      shape: gpuShape('process-utilization'),
      read: () => {
        if (!succeeded(sample())) return undefined
        const pid = Atomics.load(watched, 0)
        let newest: number | undefined
        for (let index = 0; index < Math.min(count[0]!, room); index++) {
          const base = index * processSample.size
          const time = samples.readBigUInt64LE(base + processSample.timeStamp)
          if (pid === 0 || samples.readUInt32LE(base + processSample.pid) !== pid || time <= since) continue
          since = time
          newest = samples.readUInt32LE(base + processSample.smUtil)
        }
        return newest === undefined || newest > 100 ? undefined : newest / 100
      },
    })
  if (succeeded(running()))
    readables.push({
      name: 'process-memory',
      trial: true,
      shape: gpuShape('process-memory'),
      read: () => {
        if (!succeeded(running())) return undefined
        const pid = Atomics.load(watched, 0)
        for (let index = 0; index < Math.min(count[0]!, room); index++) {
          const base = index * processInfo.size
          if (pid === 0 || processes.readUInt32LE(base + processInfo.pid) !== pid) continue
          const used = processes.readBigUInt64LE(base + processInfo.usedGpuMemory)
          return used === notAvailable ? undefined : Number(used)
        }
        return undefined
      },
    })
  return readables
}
