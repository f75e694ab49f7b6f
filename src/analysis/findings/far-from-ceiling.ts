// A model that leaves most of what its engine reaches on this host unused, though it is never without work.
import { formatPrefixed } from '../../units/quantity.ts'
import { percent, type FindingRule } from './finding.ts'

/** Share of the engine's best below which it is worth telling. */
const little = 0.3
/** Share of the memory's bandwidth from which on it is named as the likely cause. */
const much = 0.5

export const farFromCeiling: FindingRule = {
  id: 'far-from-ceiling',
  title: 'The model uses little of what the engine reaches here',
  explain:
    'In closed loop, with the engine never without a request, the model computed far fewer FLOPs a second than the same engine reaches on ' +
    'this host with large products or convolutions (measured by --ceilings). What holds it back is then not arithmetic: memory, many ' +
    'small operators, operators without multiply-accumulates, or threads that wait for each other. Memory is named only where the ' +
    'bytes that are counted, or that the weights alone must move, come near the bandwidth that was measured. A larger batch makes more of each weight that is read; --advise tries threads and optimisation levels.',
  find({ document }) {
    const { load, target, utilization, host } = document
    const { mfu, peak, flops_per_s: achieved, arithmetic_intensity: intensity, ceilings, memory } = utilization ?? {}
    if (load.mode !== 'closed' || load.concurrency < target.instances) return undefined
    if (!mfu || !peak || !achieved || mfu.value === null || peak.origin !== 'measured' || mfu.value >= little)
      return undefined
    // One of many threads cannot reach what all do; that is a choice, and another finding's.
    const cpus = Math.min(host.cpu_quota ?? Number.POSITIVE_INFINITY, host.cpus_allowed)
    if ((target.threads ?? cpus) * target.instances < cpus / 2) return undefined
    const [traffic] = [...(memory ?? [])]
      .filter(({ share }) => (share?.value ?? 0) >= much)
      .sort((a, b) => b.share!.value! - a.share!.value!)
    return {
      severity: 'info',
      title:
        `the model reaches ${percent(mfu.value)} of what this engine does on this host ` +
        `(${formatPrefixed(achieved.value!, 'FLOP/s')} of ${formatPrefixed(peak.flops_per_s.value!, 'FLOP/s')})` +
        (traffic
          ? `, and takes ${traffic.kind === 'computed' ? 'at least ' : ''}${percent(traffic.share!.value!)} of the memory bandwidth`
          : ''),
      advice: traffic
        ? 'a larger --batch makes more of each weight that is read; smaller types move fewer bytes'
        : 'try --batch and --advise: small operators and waiting threads cost most of the time',
      evidence: {
        mfu: mfu.value,
        flops_per_s: achieved.value,
        peak: peak.name,
        peak_flops_per_s: peak.flops_per_s.value,
        measured_at: ceilings?.measured_at ?? null,
        arithmetic_intensity: intensity?.value ?? null,
        bandwidth_share: traffic?.share?.value ?? null,
      },
    }
  },
}
