// The progress of a run on stderr: a line rewritten in place on a terminal, else a line now and then.
import type { Progress } from '../index.ts'
import { complain, redraw } from './output.ts'
import type { RunFlags } from './verbs/run-flags.ts'

interface ProgressLine {
  readonly show: (progress: Progress) => void
  readonly clear: () => void
}

/** A line rewritten in place on a terminal; on anything else a line now and then. */
export async function progressLine(flags: RunFlags): Promise<ProgressLine> {
  const nothing = (): void => undefined
  if (flags.quiet) return { show: nothing, clear: nothing }
  const { liveLine } = await import('../terminal/live.ts')
  const { stderr } = process
  if (!stderr.isTTY) {
    let told = ''
    let at = 0
    return {
      show: (progress) => {
        const key = `${progress.stage} ${progress.stage === 'load' ? '' : (progress.message ?? '')}`
        if (key === told && progress.elapsed_s - at < 10) return
        told = key
        at = progress.elapsed_s
        if (progress.stage !== 'load' || progress.sent > 0) complain(liveLine(progress, 80))
      },
      clear: nothing,
    }
  }
  return {
    show: (progress) => redraw(stderr, liveLine(progress, stderr.columns ?? 80)),
    clear: () => redraw(stderr, ''),
  }
}
