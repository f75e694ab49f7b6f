// `tailwatt run`: flags into the library's options, progress on stderr, the summary or the document on stdout.
import { Option, type Command } from 'commander'
import { targetKinds, type LiveServer, type ProfileOptions, type Run, type TargetSpec } from '../../index.ts'
import { onEndRequest } from '../end-request.ts'
import { withEnergyFlags } from '../energy-flags.ts'
import { blamingVariables, given, withEnvironment } from '../environment.ts'
import { exitCode, sayWhy } from '../exit-code.ts'
import {
  countFlag,
  durationFlag,
  durationOrNoneFlag,
  listFlag,
  portFlag,
  rateFlag,
  seedFlag,
  shareFlag,
} from '../flags.ts'
import { complain, print, printJson, terminalStyle } from '../output.ts'
import { progressLine } from '../progress-line.ts'
import { addTargetFlags } from '../target-flags.ts'
import type { RunFlags } from './run-flags.ts'
import { planOf } from './run-plan.ts'

const forms = [...targetKinds.flatMap((kind) => kind.forms), './module.mjs'].join(', ')

/** Flags of every run, by the flag of a target before which they stand in the help. */
const besideTargets = (): Readonly<Record<string, Option>> => ({
  '--opt': new Option('--instances <n>', 'engine instances side by side').argParser(countFlag),
  '--method': new Option('--api <name>', 'how to speak to the endpoint').choices(
    targetKinds.filter((kind) => kind.api).map(({ kind }) => kind),
  ),
  '--timeout': new Option('--keep-body', 'store the text of --body with the run (default: REDACTED)'),
})

export function addRun(program: Command): void {
  const run = program
    .command('run <target>')
    .description(`measure a target: ${forms}`)
    .optionsGroup('Load:')
    .option('--rate <n/s>', 'open loop: requests a second, such as 200/s', rateFlag)
    .option('--concurrency <n>', 'closed loop: requests outstanding (default 1); open loop: at most so many', countFlag)
    .addOption(
      new Option('--arrivals <law>', 'gaps of the open loop (default constant)').choices(['constant', 'poisson']),
    )
    .addOption(
      new Option('--pacing <how>', 'how to wait for the next request (default sleep)').choices(['sleep', 'spin']),
    )
    .option('--load-threads <n>', 'threads that carry the load to a server (default 1)', countFlag)
    .option(
      '--connections <n>',
      'connections to open before it begins (default: as many as it seems to need)',
      countFlag,
    )
    .option('--for <time>', 'how long, such as 30s', durationFlag)
    .option('--requests <n>', 'how many, such as 10k', countFlag)
    .option('--until <rule>', "stop when a percentile is known, such as 'p99±5%' (the default, and 30 s at most)")
    .option('--repeats <n>', 'the whole run so many times, for what differs between runs', countFlag)
    .option('--seed <n>', 'seed of inputs and arrivals (default 1)', seedFlag)
  const beside = besideTargets()
  for (const kind of targetKinds) addTargetFlags(run.optionsGroup(kind.heading), kind, beside)
  run
    .optionsGroup('Model:')
    .option('--cold <n>', 'fresh processes for the cold start (default 3)', countFlag)
    .option('--include-warmup', 'keep the requests before the steady state in the figures')
    .option('--idle <time>', 'idle power before and after the load (default 2s; 0: none)', durationOrNoneFlag)
    .option('--ceilings', 'measure first what this host reaches at most, for MFU (about 4 s; kept for later runs)')
    .option('--no-ceilings', 'leave out what was measured of it before')
    .optionsGroup('Judgement:')
    .option('--sla <rule>', "such as 'p99<50ms' (repeatable)", listFlag)
    .option('--on-breach <command>', 'run once when a rule is broken beyond doubt; the facts come as JSON on stdin')
    .option(
      '--sensors <list>',
      'what to read: names replace the defaults, +name[:argument] adds to them, none (repeatable)',
      listFlag,
    )
    .option('--allow-estimates', 'estimated power (grade D) may satisfy a rule')
    .option('--max-errors <share>', 'failed requests allowed (default 1%)', shareFlag)
    .option('--strict', 'exit with 6 when the run is not trustworthy or a rule is unsure')
    .option('--advise', 'try thread counts, spinning and optimisation levels, and say what helps')
  withEnergyFlags(run.optionsGroup('Energy:'))
    .optionsGroup('Output:')
    .option('--name <text>', 'name of the run')
    .option('--out <dir>', 'folder of the runs (default runs)')
    .option('--json', 'the whole run document on stdout')
    .option('--quiet', 'no progress')
    .option('--live [port]', 'a page on 127.0.0.1 that shows the run while it goes on', portFlag)
    .action(async (target: string, flags: RunFlags, command: Command) => {
      const plan = (some: RunFlags): Promise<ProfileOptions> => planOf(target, some, (flag) => given(command, flag))
      process.exitCode = await execute(await blamingVariables(command, flags, plan), flags)
    })
  withEnvironment(run)
}

async function execute(options: ProfileOptions, flags: RunFlags): Promise<number> {
  const { profile } = await import('../../index.ts')
  const progress = await progressLine(flags)
  const abort = new AbortController()
  const stopListening = onEndRequest(() => abort.abort())
  let live: LiveServer | undefined
  try {
    live = await livePage(options.target, flags)
    const run = await profile({
      ...options,
      signal: abort.signal,
      onProgress: (now) => {
        progress.show(now)
        live?.show(now)
      },
      onWarning: (warning) => {
        progress.clear()
        complain(`tailwatt: ${warning}.`)
      },
    })
    progress.clear()
    if (flags.json) printJson(run.document)
    else {
      const { summary } = await import('../../terminal/summary.ts')
      print(summary(run.document, run.folder, await terminalStyle()))
    }
    await sayWhy(run)
    // Behind the result: what goes wrong with the page costs the page.
    await becomeReport(live, run)
    live = undefined
    return exitCode(run, flags.strict === true)
  } finally {
    progress.clear()
    await live?.end({ message: 'The run ended without a result; the terminal says why.' })
    stopListening()
  }
}

/** Its address is said even with --quiet: without it the page is of no use. */
async function livePage(target: TargetSpec, { live }: RunFlags): Promise<LiveServer | undefined> {
  if (live === undefined) return undefined
  const { serveLive } = await import('../../index.ts')
  const server = await serveLive(live === true ? { target } : { target, port: live })
  complain(`live: ${server.url}`)
  return server
}

async function becomeReport(live: LiveServer | undefined, { folder }: Run): Promise<void> {
  if (!live) return
  const { openRun, reportHtml } = await import('../../index.ts')
  const message = 'The run has ended; tailwatt report latest shows it.'
  await live.end(live.viewers > 0 ? { report: await reportHtml(await openRun(folder)) } : { message })
}
