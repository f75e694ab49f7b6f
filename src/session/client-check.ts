// What the load client can do on this host: two short loads against a server on loopback that answers at once. What it measures
// there is its own, the kernel's, and the little that the server does.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { closed, constant } from '../load/specs.ts'
import type { LoadSpec } from '../load/pacer.ts'
import type { RunEvent } from '../run/event.ts'
import type { ClientFacts } from '../run/manifest.ts'
import type { LatencySeries } from '../run/sections/latency.ts'
import { http } from '../targets/catalog.ts'
import { openRun } from '../runs/open.ts'
import { profile } from './profile.ts'

const concurrency = 64
const ratePerS = 1000
const loadFor = '2s'

interface Tail {
  readonly p50: number | null
  readonly p99: number | null
}

export interface ClientCheck {
  /** How it is carried: by the kernel's stamps or ours, and why. */
  readonly client: ClientFacts
  /** Closed loop, so many requests outstanding: as fast as client and server together go. */
  readonly closed: {
    readonly concurrency: number
    readonly requests_per_s: number
    /** Of a second of the load thread's CPU time; null where the kernel does not tell. */
    readonly requests_per_cpu_s: number | null
  }
  /** Open loop. */
  readonly open: {
    readonly rate_per_s: number
    readonly send_delay_ms: Tail
    /** Part of no latency; null where the kernel does not stamp: then it is part of all of them. */
    readonly seen_late_ms: Tail | null
    /** From the planned time to the answer: an upper bound of what is ours in a latency. */
    readonly response_ms: Tail
  }
}

/** @throws TailwattError as a run does */
export async function checkClient(signal?: AbortSignal): Promise<ClientCheck> {
  const server = fork(fileURLToPath(new URL('./null-server.process.js', import.meta.url)), [], { execArgv: [] })
  const out = mkdtempSync(join(tmpdir(), 'tailwatt-doctor-'))
  try {
    const [port] = (await once(server, 'message')) as [number]
    const measure = async (load: Partial<LoadSpec>) => {
      const target = http(`http://127.0.0.1:${port}/`)
      const options = { target, load, for: loadFor, cold: 1, idle: 0, sensors: [], out }
      return profile({ ...options, ...(signal ? { signal } : {}) })
    }
    const fast = await measure(closed({ concurrency }))
    const { events } = await (await openRun(fast.folder, out)).measured()
    const { document } = await measure(constant({ rate: ratePerS }))
    const perSecond = fast.document.throughput.requests_per_s.value ?? Number.NaN
    return {
      client: document.target.client!,
      closed: {
        concurrency,
        requests_per_s: perSecond,
        requests_per_cpu_s: perCpuSecond(fast.document.requests.sent, events),
      },
      open: {
        rate_per_s: ratePerS,
        send_delay_ms: tailOf(document.send_delay_ms),
        seen_late_ms: document.seen_late_ms ? tailOf(document.seen_late_ms) : null,
        response_ms: tailOf(document.latency_ms),
      },
    }
  } finally {
    server.disconnect()
    rmSync(out, { recursive: true, force: true })
  }
}

const tailOf = ({ p50, p99 }: LatencySeries): Tail => ({ p50: p50.value, p99: p99.value })

function perCpuSecond(sent: number, events: readonly RunEvent[]): number | null {
  const usage = events.find((event): event is RunEvent<'host_usage'> => event.kind === 'host_usage')
  const seconds = usage?.data.cpu_s
  return typeof seconds === 'number' && seconds > 0 ? sent / seconds : null
}
