// Which exit status a run ends with, and the sentence behind a status of 3 or 4.
import { errorKinds, type ErrorCode, type Run } from '../index.ts'

/** The sentence behind an exit status of 3 or 4; the run itself is on stdout already. */
export async function sayWhy({ document, notStored }: Run): Promise<void> {
  const { TailwattError } = await import('../index.ts')
  const { report } = await import('./errors.ts')
  const missing = document.sla.find((result) => result.unmeasurable)
  if (notStored && document.failure?.code !== 'cannot-store') report(notStored)
  if (document.state === 'failed')
    report(new TailwattError(document.failure!.code as ErrorCode, document.failure!.data))
  else if (document.state === 'complete' && missing)
    report(
      new TailwattError('unmeasurable', {
        what: `the rule ${missing.rule}`,
        reason: missing.reason ?? 'no sensor',
        remedy: '`tailwatt doctor` says what it takes; --allow-estimates lets an estimate decide.',
      }),
    )
}

/** The first that applies, in the order 130, 1, 2, 3, 4, 5, 6. */
export function exitCode({ document, notStored }: Omit<Run, 'folder'>, strict: boolean): number {
  if (document.state === 'interrupted') return 130
  if (document.state === 'failed') return errorKinds[document.failure!.code as ErrorCode]?.exit ?? 3
  if (notStored || document.sla.some((result) => result.unmeasurable)) return 4
  if (document.sla.some((result) => result.verdict === 'fail')) return 5
  const doubtful = document.sla.some((result) => result.verdict === 'unsure') || !document.load_certificate.valid
  return strict && doubtful ? 6 : 0
}
