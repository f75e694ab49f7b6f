// `run.json`: the manifest and everything the analyses found. Keys are snake_case with the unit as suffix;
// what was not measured is null with a row in `unmeasured`, never 0.
import type { AdviceResult, Manifest, Unmeasured } from './manifest.ts'
import type { Figure } from './figure.ts'
import type { Count } from './refined.ts'
import type { RepeatSection } from './sections/compare.ts'
import type { PowerSection, EnergySection, SensorCharacter } from './sections/energy.ts'
import type { ThermalSection, UtilizationSection, SelfSection } from './sections/hardware.ts'
import type { LatencySeries, LoadCertificate, ColdStart } from './sections/latency.ts'
import type { SlaResult, Finding } from './sections/verdict.ts'

export interface RunDocument extends Omit<Manifest, 'sla'> {
  readonly duration_s: number
  readonly requests: {
    readonly sent: Count
    readonly ok: Count
    readonly failed: Count
    readonly excluded_warmup: Count
    /** Sent again on a fresh connection, for the server closed the first before any byte of an answer. */
    readonly resent?: Count
    readonly errors: readonly { readonly code: string; readonly count: Count; readonly message?: string }[]
  }
  /** Over the measured window; without intervals so far. */
  readonly throughput: { readonly requests_per_s: Figure; readonly inferences_per_s: Figure }
  /** Response time: scheduled → done. The headline. */
  readonly latency_ms: LatencySeries
  readonly service_ms: LatencySeries
  readonly queue_wait_ms: LatencySeries
  readonly send_delay_ms: LatencySeries
  /** Our clock around the call less the engine's own; null where the engine gives none. */
  readonly binding_ms: LatencySeries | null
  /** How much later than the kernel we had an answer: no part of a latency. Null where the kernel does not say. */
  readonly seen_late_ms?: LatencySeries | null
  readonly load_certificate: LoadCertificate
  readonly batches: { readonly size_distribution: Readonly<Record<string, Count>> }
  readonly cold_start: ColdStart
  readonly power: PowerSection
  readonly energy: EnergySection
  readonly utilization: UtilizationSection | null
  readonly thermal?: ThermalSection | null
  readonly sensors?: readonly SensorCharacter[]
  readonly batching: null
  readonly operators: null
  readonly io: null
  readonly sla: readonly SlaResult[]
  readonly findings: readonly Finding[]
  readonly unmeasured: readonly Unmeasured[]
  readonly self: SelfSection
  readonly advice?: readonly AdviceResult[]
  /** In the last of several repeats: what differed between them. */
  readonly repeats?: RepeatSection
}
