// Hot path: one thread of the hardware probe. Goes through the steps in lockstep with the others; those that a step does not
// need sleep at its barriers.
import { parentPort, workerData } from 'node:worker_threads'
import { openKernels } from './kernels.ts'
import { stepsOf, type Loop, type ProbeSettings } from './probe.ts'
import { threadWait } from './run-queue.ts'
import { groups, SharedBursts, type BurstCells } from './shared-bursts.ts'
import { pageBytes, wasmEngine } from './wasm-engine.ts'

export interface ProbeThread {
  readonly settings: ProbeSettings
  readonly index: number
  readonly fused: boolean
  readonly cells: BurstCells
  readonly epoch: bigint
}

const { settings, index, fused, cells, epoch } = workerData as ProbeThread
const { alone, part } = settings.arrayBytes
const steps = stepsOf(settings)
const shared = new SharedBursts(settings.threads, steps.length, settings.bursts, cells)
/** Numbers of the loops lie before the arrays. */
const place = 1024
const begin = pageBytes
const largest = index === 0 ? Math.max(alone, part) : part

const memory = new wasmEngine.Memory({ initial: Math.ceil((begin + 3 * largest) / pageBytes) })
const kernels = await openKernels(fused, memory)
// Memory that was never written is one page of zeros, over and over, in the cache.
new Float64Array(memory.buffer).fill(1)
new Float32Array(memory.buffer, place, 4 * 14).fill(0.5)

const now = (): number => Number(process.hrtime.bigint() - epoch)

/** @param amount turns of a loop in registers, passes of one over memory */
function run(loop: Loop, amount: number, bytes: number): void {
  if (loop === 'multiplyAdd') return kernels.multiplyAdd(amount, place)
  if (loop === 'chain') return void kernels.chain(amount, index + 1, 0x5bd1e995)
  const [a, b, c] = [begin, begin + bytes, begin + 2 * bytes] as const
  for (let pass = 0; pass < amount; pass++) {
    if (loop === 'read') kernels.read(a, bytes, place)
    else if (loop === 'copy') kernels.copy(a, c, bytes)
    else kernels.triad(a, b, c, bytes, place)
  }
}

/** So much that a burst lasts about as long as it should; the compiler has long finished by then. */
function calibrate(loop: Loop, bytes: number): number {
  const trial = (amount: number): number => {
    const from = now()
    run(loop, amount, bytes)
    return (now() - from) / 1e6
  }
  for (let amount = 1; ; amount *= 2) {
    let took = trial(amount)
    // Twice: what took long because another program had the CPU would make the bursts far too short.
    if (took >= settings.burstMs / 4) took = Math.min(took, trial(amount))
    if (took < settings.burstMs / 4 && amount < 2 ** 28) continue
    return Math.min(2 ** 30, Math.max(1, Math.round((amount * settings.burstMs) / Math.max(took, 1e-3))))
  }
}

for (const [step, { loop, threads }] of steps.entries()) {
  const bytes = threads === 1 ? alone : part
  if (index === 0) shared.setWork(step, calibrate(loop, bytes))
  for (let burst = 0; burst < groups * settings.bursts; burst++) {
    shared.meet()
    // All have decided alike: the count is only written between two meetings.
    if (burst > 0 && burst % settings.bursts === 0 && shared.quiet(step, threads)) break
    if (index < threads) {
      const amount = shared.work(step)
      const before = threadWait()
      const from = now()
      run(loop, amount, bytes)
      shared.record(step, burst, index, { from, to: now(), waited: threadWait() - before })
    }
    shared.meet()
    if (index === 0) shared.setCount(step, burst + 1)
  }
  shared.meet()
}
parentPort!.postMessage('done')
