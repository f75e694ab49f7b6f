// The ceilings of this host: measured now in a process of its own, or as they were measured last and kept. Never runs while a
// target is measured: what calls it does so before the load.
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeError, fromErrorRecord } from '../base/errors.ts'
import { engineEnvironment } from '../host/engine-environment.ts'
import { availableMemory } from '../host/available-memory.ts'
import { cpuLayout, type CpuLayout } from '../host/cpu-layout.ts'
import { cpuQuota } from '../host/facts.ts'
import type { Host } from '../host/host.ts'
import { packageVersion } from '../host/package-version.ts'
import { cpuIdentity } from '../peaks/cpu-peak.ts'
import type { HostCeilings, Unmeasured } from '../run/manifest.ts'
import { storeCeilings, storedCeilings, type CeilingKey } from './cache.ts'
import { bandwidthCeilings, computeCeilings, measuredClock, tablePeak, toldClock } from './facts.ts'
import type { ProbeResult, ProbeSettings } from './probe.ts'

export interface MeasuredCeilings {
  readonly ceilings: HostCeilings
  readonly unmeasured: readonly Unmeasured[]
  /** A sentence each, such as that they could not be kept. */
  readonly warnings: readonly string[]
}

export interface ProbeEffort {
  readonly burstMs: number
  readonly bursts: number
  /** Most that the three arrays of all threads may take together. */
  readonly mostBytes: number
}

/** Some 4 s. */
const usual: ProbeEffort = { burstMs: 40, bursts: 5, mostBytes: 3 * 2 ** 30 }
/** A quota is given out every 100 ms: a burst shorter than some of these periods would outrun it, ms. */
const quotaBurstMs = 300
/** After which a probe that says nothing is ended, ms. */
const patienceMs = 60_000

/** What this host is told apart by, and what its probes need to know of it. */
class ProbedHost {
  readonly layout: CpuLayout
  readonly quota: number | null
  readonly threads: number
  readonly key: CeilingKey
  readonly #host: Host
  readonly #cpuinfo: string

  constructor(host: Host) {
    this.#host = host
    this.#cpuinfo = host.readFile('/proc/cpuinfo') ?? ''
    this.layout = cpuLayout(host)
    this.quota = cpuQuota(host)
    const allowed = Math.max(1, this.layout.cpus.length)
    this.threads = Math.max(1, Math.floor(Math.min(allowed, this.quota ?? allowed)))
    const identity = cpuIdentity(this.#cpuinfo)
    this.key = {
      cpu: identity ? `${identity.vendor} ${identity.family} ${identity.model} ${identity.name}` : host.arch,
      threads: this.threads,
      cores: this.layout.cores,
      quota: this.quota,
      engine: packageVersion('onnxruntime-node') ?? null,
      node: process.version,
    }
  }

  /** The peak by cores, clock and width. @param loops as measured; without them the clock is what the system names */
  table(loops: ProbeResult['loops'] = []): ReturnType<typeof tablePeak> {
    const told = this.#host.readFile('/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq')
    const cores = this.layout.cores ?? this.layout.cpus.length
    return tablePeak(
      cpuIdentity(this.#cpuinfo),
      Math.min(cores, this.quota ?? cores),
      measuredClock(loops, this.threads) ?? toldClock(told, this.#cpuinfo),
    )
  }

  settings({ burstMs, bursts, mostBytes }: ProbeEffort, folder: string): ProbeSettings {
    const { lastLevel } = this.layout
    const available = availableMemory(this.#host)
    const most = Math.min(mostBytes, available === undefined ? mostBytes : available / 4)
    const whole = Math.min(4 * (lastLevel?.total ?? 2 ** 25), most / 3)
    const part = blocks(whole / this.threads)
    const alone = blocks(Math.min(4 * (lastLevel?.each ?? 2 ** 25), most / 3))
    const { threads } = this
    const large = threads <= 4 ? 1024 : threads <= 32 ? 2048 : 4096
    const small = mostBytes < usual.mostBytes
    return {
      threads,
      arrayBytes: { alone, part },
      burstMs: this.quota === null ? burstMs : Math.max(burstMs, small ? burstMs : quotaBurstMs),
      bursts,
      ...(this.key.engine === null
        ? {}
        : {
            engine: {
              folder,
              matmul: small ? { width: 128, depth: 2 } : { width: large, depth: 4 },
              conv: small
                ? { images: 1, channels: 16, pixels: 28, depth: 2 }
                : { images: Math.max(1, threads >> 1), channels: 128, pixels: 56, depth: 4 },
            },
          }),
    }
  }
}

/** Whole blocks of the loops, and as much as a 32-bit memory can hold thrice. */
const blocks = (bytes: number): number => Math.max(2 ** 16, Math.floor(Math.min(bytes, 2 ** 30) / 2 ** 16) * 2 ** 16)

/** What is known without measuring: what was measured last, if this host has not changed since, and the table's peak. */
export function knownCeilings(host: Host): HostCeilings {
  const probed = new ProbedHost(host)
  const stored = storedCeilings(probed.key)
  if (stored) return stored
  const table = probed.table()
  return {
    measured_at: null,
    compute: table ? [table] : [],
    bandwidth: [],
    last_level_cache_bytes: probed.layout.lastLevel?.total ?? null,
  }
}

/**
 * Measures and keeps. What could not be measured is left out and said.
 * @throws DOMException `AbortError` when `signal` is aborted
 */
export async function measureCeilings(
  host: Host,
  options: { readonly effort?: ProbeEffort; readonly signal?: AbortSignal; readonly folder?: string } = {},
): Promise<MeasuredCeilings> {
  const probed = new ProbedHost(host)
  const folder = mkdtempSync(join(tmpdir(), 'tailwatt-ceilings-'))
  try {
    const settings = probed.settings(options.effort ?? usual, folder)
    const result = await runProbe(settings, options.signal)
    const table = probed.table(result.loops)
    const cache = probed.layout.lastLevel?.total ?? null
    const ceilings: HostCeilings = {
      measured_at: new Date().toISOString(),
      compute: [...computeCeilings(result, settings.threads), ...(table ? [table] : [])],
      bandwidth: bandwidthCeilings(result, settings, cache),
      last_level_cache_bytes: cache,
    }
    const unmeasured = result.failures.map(failureRow)
    if (settings.engine === undefined) unmeasured.push(engineMissing)
    const disturbed = [...result.loops, ...result.engine].some((bursts) => bursts.disturbed)
    // Half a result, or one that others were part of, would stand until the host changes.
    const kept =
      result.failures.length > 0 || disturbed ? undefined : storeCeilings(probed.key, ceilings, options.folder)
    const warnings = [...(disturbed ? [disturbance] : []), ...(kept && !kept.ok ? [kept.error] : [])]
    return { ceilings, unmeasured, warnings }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const disturbance = 'other programs used the CPUs while the ceilings were measured: they are too low, and are not kept'

const engineMissing: Unmeasured = {
  what: 'engine ceiling',
  reason: 'onnxruntime-node is not installed',
  remedy: 'npm install onnxruntime-node',
}

function failureRow({ what, error }: ProbeResult['failures'][number]): Unmeasured {
  const { title } = describeError(fromErrorRecord(error))
  const reason = title.split('\n')[0]!
  return what === 'engine'
    ? { what: 'engine ceiling', reason, remedy: 'run a model on the engine: `tailwatt run zoo:mlp`' }
    : { what: 'hardware ceilings', reason, remedy: 'free memory, or allow this process more threads' }
}

function runProbe(settings: ProbeSettings, signal?: AbortSignal): Promise<ProbeResult> {
  const child = fork(fileURLToPath(new URL('./probe.process.js', import.meta.url)), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: engineEnvironment(),
    execArgv: [],
  })
  return new Promise<ProbeResult>((resolve, reject) => {
    let result: ProbeResult | undefined
    const abort = (): void => {
      child.kill('SIGKILL')
      reject(new DOMException('interrupted while measuring ceilings', 'AbortError'))
    }
    const lost = (message: string): void => {
      const error = { code: 'target-failed', data: { message } } as const
      resolve({
        fused: false,
        loops: [],
        engine: [],
        failures: [
          { what: 'loops', error },
          { what: 'engine', error },
        ],
      })
    }
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      lost('the probe did not end')
    }, patienceMs)
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
    child.on('message', (message: ProbeResult) => {
      result = message
      child.disconnect()
    })
    child.on('error', (error) => lost(error.message))
    child.on('exit', (code, killedBy) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      if (result) resolve(result)
      else lost(`the probe ended with ${killedBy ?? `exit code ${code}`}`)
    })
    child.send(settings, (error) => error && lost(error.message))
  })
}
