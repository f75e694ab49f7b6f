// `tailwatt watch`: live meters on the terminal, a line a tick elsewhere, or one JSON object a tick.
import type { Command } from 'commander'
import type { WatchTick } from '../../index.ts'
import { onEndRequest } from '../end-request.ts'
import { withEnvironment } from '../environment.ts'
import { countFlag, durationFlag, tickRateFlag } from '../flags.ts'
import { complain, print, printJson, redraw, showCursor, terminalStyle } from '../output.ts'

interface WatchFlags {
  readonly pid?: number
  readonly hz?: number
  readonly for?: string
  readonly json?: boolean
}

export function addWatch(program: Command): void {
  const watch = program
    .command('watch')
    .description('live meters of the host, its devices and one process; Ctrl-C ends with a summary')
    .option('--pid <n>', 'follow this process; ends with it', countFlag)
    .option('--hz <n>', 'ticks a second, 0.1 to 5 (default 2)', tickRateFlag)
    .option('--for <time>', 'how long, such as 10s (default: until Ctrl-C)', durationFlag)
    .option('--json', 'one JSON object a tick and line')
    .action(async (flags: WatchFlags) => execute(flags))
  withEnvironment(watch)
}

async function execute(flags: WatchFlags): Promise<void> {
  const { watch } = await import('../../index.ts')
  const abort = new AbortController()
  const stopListening = onEndRequest(() => abort.abort())
  const { json, ...options } = flags
  const view = json ? jsonView() : process.stdout.isTTY ? await screenView() : await lineView()
  let last: WatchTick | undefined
  try {
    for await (const tick of watch({ ...options, signal: abort.signal })) {
      view.show(tick)
      last = tick
    }
  } finally {
    view.end(last)
    stopListening()
  }
  if (last?.process?.state === 'ended') complain(`the process ${last.process.pid} (${last.process.name}) has ended`)
}

interface View {
  readonly show: (tick: WatchTick) => void
  readonly end: (last: WatchTick | undefined) => void
}

const jsonView = (): View => ({
  show: (tick) => printJson(tick, 0),
  end: () => undefined,
})

async function lineView(): Promise<View> {
  const { missingLines, tickLine, watchSummary } = await import('../../terminal/meters.ts')
  const style = await terminalStyle()
  const { style: styleOf } = await import('../../terminal/style.ts')
  const plain = styleOf(false, style.width)
  return {
    show: (tick) => {
      for (const line of missingLines(tick, plain)) complain(line)
      print(`${tickLine(tick)}\n`)
    },
    end: (last) => last && print(watchSummary(last, style)),
  }
}

/** The meters, drawn over the ones before; the cursor is hidden meanwhile. */
async function screenView(): Promise<View> {
  const { meters, missingLines, watchSummary } = await import('../../terminal/meters.ts')
  const { stdout } = process
  let style = await terminalStyle()
  stdout.on('resize', () => void terminalStyle().then((changed) => (style = changed)))
  const history: number[] = []
  let first: WatchTick | undefined
  let drawn = 0
  return {
    show: (tick) => {
      first ??= tick
      const watts = tick.power_w?.value ?? tick.power_w?.high
      if (watts !== undefined && watts !== null) history.push(watts)
      if (history.length > 200) history.shift()
      // What does not fit the screen cannot be drawn over.
      const lines = [meters(tick, history, style), ...missingLines(first, style)]
        .join('\n')
        .split('\n')
        .slice(0, Math.max(1, (stdout.rows ?? 24) - 1))
      if (drawn === 0) showCursor(stdout, false)
      redraw(stdout, lines.join('\n'), drawn)
      drawn = lines.length
    },
    end: (last) => {
      if (drawn > 0) {
        print('\n')
        showCursor(stdout, true)
      }
      if (last) print(watchSummary(last, style))
    },
  }
}
