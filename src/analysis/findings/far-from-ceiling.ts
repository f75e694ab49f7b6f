// A model that leaves most of what its engine reaches on this host unused, though it is never without work.
import { formatPrefixed } from '../../units/quantity.ts'
import { percent, type FindingRule } from './finding.ts'

/** Share of the engine's best below which it is worth telling. */
const little = 0.3

export const farFromCeiling: FindingRule = {
  id: 'far-from-ceiling',
  title: 'The model uses little of what the engine reaches here',
  explain:
    'In closed loop, with the engine never without a request, the model computed far fewer FLOPs a second than the same engine reaches on ' +
    'this host with large products or convolutions (measured by --ceilings). What holds it back is then not arithmetic: memory (few ' +
    'FLOPs for each byte moved), many small operators, operators without multiply-accumulates, or threads that wait for each other. ' +
    'A larger batch makes more of each weight that is read; --advise tries threads and optimisation levels.',
  find({ document }) {
    const { load, target, utilisation, host } = document
    const { mfu, peak, flops_per_s: achieved, arithmetic_intensity: intensity, ceilings } = utilisation ?? {}
    if (load.mode !== 'closed' || load.concurrency < target.instances) return undefined
    if (!mfu || !peak || !achieved || mfu.value === null || peak.origin !== 'measured' || mfu.value >= little)
      return undefined
    // One of many threads cannot reach what all do; that is a choice, and another finding's.
    const cpus = Math.min(host.cpu_quota ?? Number.POSITIVE_INFINITY, host.cpus_allowed)
    if ((target.threads ?? cpus) * target.instances < cpus / 2) return undefined
    const bandwidth = Math.max(0, ...(ceilings?.bandwidth ?? []).map(({ bytes_per_s: { value } }) => value ?? 0))
    const ridge = bandwidth > 0 ? peak.flops_per_s.value! / bandwidth : null
    const perByte = intensity?.value ?? null
    const byMemory = ridge !== null && perByte !== null && perByte < ridge
    return {
      severity: 'info',
      title:
        `the model reaches ${percent(mfu.value)} of what this engine does on this host ` +
        `(${formatPrefixed(achieved.value!, 'FLOP/s')} of ${formatPrefixed(peak.flops_per_s.value!, 'FLOP/s')})` +
        (byMemory ? `; with ${Number(perByte.toPrecision(2))} FLOPs a byte, memory may set its pace` : ''),
      advice: byMemory
        ? 'a larger --batch makes more of each weight that is read; smaller types move fewer bytes'
        : 'try --batch and --advise: small operators and waiting threads cost most of the time',
      evidence: {
        mfu: mfu.value,
        flops_per_s: achieved.value,
        peak: peak.name,
        peak_flops_per_s: peak.flops_per_s.value,
        measured_at: ceilings?.measured_at ?? null,
        arithmetic_intensity: perByte,
        ridge,
      },
    }
  },
}
