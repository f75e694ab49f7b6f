// The probing process: loops in WebAssembly on its threads, then the engine on its main thread. Says what it found and ends;
// ends too when its parent is gone. A process of its own, for it changes flags of V8 and loads the engine.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { TailwattError, toErrorRecord } from '../base/errors.ts'
import { ignoreGroupSignals } from '../host/signals.ts'
import { inspectModel } from '../onnx/inspect.ts'
import { collect, memorySource, type Part } from '../onnx/write.ts'
import { findTargetProvider, onnx } from '../targets/catalog.ts'
import { convModel, matmulModel } from './engine-models.ts'
import { cyclesPerTurn, flopsPerTurn, kernelModule } from './kernels.ts'
import type { ProbeThread } from './probe.worker.ts'
import { stepsOf, streams, type EngineRates, type LoopRates, type ProbeResult, type ProbeSettings } from './probe.ts'
import { processWait, quietShare } from './run-queue.ts'
import { groups, SharedBursts } from './shared-bursts.ts'
import { wasmEngine } from './wasm-engine.ts'

/** Engines of Node 20 know the fused multiply-add behind a flag, later ones without; a flag that is gone is no error. */
function fusedMultiplyAdd(): boolean {
  const module = kernelModule(true)
  if (!wasmEngine.validate(module)) setFlagsFromString('--experimental-wasm-relaxed-simd')
  return wasmEngine.validate(module)
}

async function loopRates(settings: ProbeSettings, fused: boolean): Promise<readonly LoopRates[]> {
  const { threads, bursts } = settings
  const steps = stepsOf(settings)
  const shared = new SharedBursts(threads, steps.length, bursts)
  const epoch = process.hrtime.bigint()
  const workers: Worker[] = []
  try {
    await Promise.all(
      Array.from({ length: threads }, (_, index) => {
        const data: ProbeThread = { settings, index, fused, cells: shared.cells, epoch }
        const worker = new Worker(new URL('./probe.worker.js', import.meta.url), { workerData: data })
        workers.push(worker)
        return new Promise<void>((resolve, reject) => {
          worker.on('message', () => resolve())
          worker.on('error', reject)
          worker.on('exit', (code) => reject(new Error(`a thread of the probe ended with ${code}`)))
        })
      }),
    )
  } finally {
    // One that failed leaves the others waiting for it.
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  return steps.map(({ loop, threads: count }, step) => {
    const bytes = count === 1 ? settings.arrayBytes.alone : settings.arrayBytes.part
    const amount = shared.work(step)
    const each =
      loop === 'multiplyAdd'
        ? amount * flopsPerTurn * count
        : // The clock is that of one thread, however many run.
          loop === 'chain'
          ? amount * cyclesPerTurn
          : amount * bytes * streams[loop] * count
    return {
      loop,
      threads: count,
      rates: Array.from({ length: shared.count(step) }, (_, burst) => each / shared.seconds(step, burst, count)),
      disturbed: !shared.quiet(step, count),
    }
  })
}

async function engineRates(settings: ProbeSettings): Promise<readonly EngineRates[]> {
  const { engine } = settings
  if (!engine) return []
  const models: readonly (readonly [EngineRates['model'], Part])[] = [
    ['MatMul', matmulModel(engine.matmul)],
    ['Conv', convModel(engine.conv)],
  ]
  const rates: EngineRates[] = []
  for (const [model, part] of models) rates.push(await engineBursts(settings, model, part, engine.folder))
  return rates
}

async function engineBursts(
  { bursts, burstMs, threads }: ProbeSettings,
  model: EngineRates['model'],
  part: Part,
  folder: string,
): Promise<EngineRates> {
  const bytes = collect(part)
  const path = join(folder, `${model}.onnx`)
  writeFileSync(path, bytes)
  const { flops } = inspectModel(memorySource(bytes), { path })
  const opened = await (await findTargetProvider('onnx')).open(onnx(path), 0)
  if (opened.flow !== 'blocking' || flops === null) throw new Error('not a model to be measured')
  const { target } = opened
  await target.prepare()
  let id = 0
  const infer = async (): Promise<void> => {
    const { status, message } = await target.infer({ id: id++, size: 1 })
    if (status !== 0) throw new TailwattError('target-failed', { message, remedy: '' })
  }
  await infer()
  await infer()
  const rates: number[] = []
  let quiet = false
  for (let burst = 0; burst < bursts || (!quiet && burst < groups * bursts); burst++) {
    const waited = processWait()
    const from = process.hrtime.bigint()
    let runs = 0
    let ms = 0
    do {
      await infer()
      runs++
      ms = Number(process.hrtime.bigint() - from) / 1e6
    } while (ms < burstMs)
    rates.push((runs * flops) / (ms / 1e3))
    if (!(processWait() - waited > quietShare * threads * ms * 1e6)) quiet = true
  }
  await target.close()
  return { model, flops, rates, disturbed: !quiet }
}

async function probe(settings: ProbeSettings): Promise<ProbeResult> {
  const failures: ProbeResult['failures'][number][] = []
  const attempt = async <T>(what: 'loops' | 'engine', measure: () => Promise<readonly T[]>): Promise<readonly T[]> => {
    try {
      return await measure()
    } catch (error) {
      failures.push({ what, error: toErrorRecord(error) })
      return []
    }
  }
  // Code that is optimised from its first call on.
  setFlagsFromString('--no-liftoff')
  const fused = fusedMultiplyAdd()
  const loops = await attempt('loops', () => loopRates(settings, fused))
  const engine = await attempt('engine', () => engineRates(settings))
  return { fused, loops, engine, failures }
}

ignoreGroupSignals()
// The parent closes the channel when it has the result, and is gone when it closes before.
process.on('disconnect', () => process.exit(0))
process.on('message', (settings: ProbeSettings) => {
  void probe(settings).then((result) => {
    if (process.connected) process.send!(result)
  })
})
