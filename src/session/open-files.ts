// Open files that a plan takes: a connection or an engine instance more is a file more, and who runs out of them in mid-run
// measures the limit and not the target.
import { leastOpenFiles, tooFewFiles } from '../host/open-files.ts'
import type { ProfileOptions } from './options.ts'
import type { Plan } from './plan.ts'

/** Of the load host beside its connections: 30 seen. */
const ofLoadHost = 64
/** Its threads and pipes, and what sensors open for each of its threads: 14 seen. */
const ofInstance = 16

/** The larger of what the main process and the load host take: each has the limit for itself. */
export const filesNeeded = (kind: string, { instances, load }: Plan): number =>
  Math.max(
    leastOpenFiles + ofInstance * (instances - 1),
    ofLoadHost + ofInstance * Math.max(instances, load.threads ?? 1) + (kind === 'http' ? load.concurrency : 0),
  )

/**
 * The plan within the limit: the requests outstanding that an open loop allows by default are fewer then.
 * @throws TailwattError `too-few-files` when what was asked for takes more
 */
export function withinOpenFiles(
  plan: Plan,
  { target, load, onWarning }: Pick<ProfileOptions, 'target' | 'load' | 'onWarning'>,
  limit: number | undefined,
): Plan {
  const needed = filesNeeded(target.kind, plan)
  if (limit === undefined || needed <= limit) return plan
  const concurrency = plan.load.concurrency - (needed - limit)
  const threads = Math.max(1, Math.min(plan.load.threads ?? 1, concurrency))
  const fewer = { ...plan, load: { ...plan.load, concurrency, threads } }
  const asked = plan.load.mode === 'closed' || load?.concurrency !== undefined || concurrency < 1
  if (asked || filesNeeded(target.kind, fewer) > limit) throw tooFewFiles(needed, limit)
  onWarning?.(
    `the limit of open files (${limit}) leaves room for ${concurrency} requests outstanding at most; \`ulimit -n ${needed}\` allows ${plan.load.concurrency}`,
  )
  return fewer
}
