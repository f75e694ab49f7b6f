// The verbs around `run`: list, show, report, doctor, zoo, explain, schema. Each takes `--json` where it shows data.
import { Option, type Command } from 'commander'
import type { EnergyOptions } from '../../index.ts'
import { energyFlags, energyOptions, withEnergyFlags } from '../energy-flags.ts'
import { withEnvironment } from '../environment.ts'
import { reportNotStored } from '../errors.ts'
import { complain, print, printJson, printLine, terminalStyle } from '../output.ts'

interface Flags {
  readonly json?: boolean
  readonly out?: string
}

const openOptions = (flags: Flags & EnergyOptions): { readonly out?: string } & EnergyOptions => ({
  ...(flags.out === undefined ? {} : { out: flags.out }),
  ...energyOptions(flags),
})

export function addList(program: Command): void {
  const list = program
    .command('list')
    .description('the runs there are, newest first')
    .option('--out <dir>', 'folder of the runs (default runs)')
    .option('--json', 'as JSON')
    .action(async (flags: Flags) => {
      const { listRuns } = await import('../../index.ts')
      const runs = await listRuns(flags.out)
      if (flags.json)
        printJson(runs.map(({ id, folder, name, started_at, state }) => ({ id, folder, name, started_at, state })))
      else print((await import('../../terminal/listings.ts')).runTable(runs, await terminalStyle()))
    })
  withEnvironment(list)
}

export function addShow(program: Command): void {
  const show = program
    .command('show <run>')
    .description(
      'the summary of a run: a folder, an id or a part of it, latest, or demo:h100; a live one is not disturbed',
    )
    .option('--out <dir>', 'folder of the runs (default runs)')
    .option('--json', 'the whole run document')
    .addOption(
      new Option('--readings', 'what the sensors read, as NDJSON: a file for `run --sensors replay:FILE`').conflicts([
        ...energyFlags,
        'json',
      ]),
    )
    .action(async (run: string, flags: Flags & EnergyOptions & { readonly readings?: boolean }) => {
      const { openRun, sensorReadings } = await import('../../index.ts')
      const opened = await openRun(run, openOptions(flags))
      if (opened.notStored) reportNotStored(opened.notStored)
      if (flags.readings) return print(await sensorReadings(opened))
      if (flags.json) return printJson(opened.document)
      const { summary } = await import('../../terminal/summary.ts')
      print(summary(opened.document, opened.reference, await terminalStyle()))
    })
  withEnvironment(show)
  // Not from the environment: what is set there for measuring must not override what a run was measured with.
  withEnergyFlags(show.optionsGroup('Reckoned again, the stored run unchanged:'))
}

export function addReport(program: Command): void {
  const report = program
    .command('report <run>')
    .description('the run as one HTML page that needs no network; demo:h100 is a synthetic one')
    .option('--out <dir>', 'folder of the runs (default runs)')
    .addOption(
      new Option(
        '--to <file>',
        'where to write the page, - for stdout (default: report.html in the run folder)',
      ).conflicts('json'),
    )
    .option('--json', 'the whole run document instead')
    .action(async (run: string, flags: Flags & EnergyOptions & { readonly to?: string }) => {
      const { openRun, reportHtml, writeReport } = await import('../../index.ts')
      const opened = await openRun(run, openOptions(flags))
      const path = flags.json || flags.to === '-' ? undefined : await writeReport(opened, flags.to)
      if (opened.notStored) reportNotStored(opened.notStored)
      if (path !== undefined) printLine(path)
      else if (flags.json) printJson(opened.document)
      else print(await reportHtml(opened))
    })
  withEnvironment(report)
  withEnergyFlags(report.optionsGroup('Reckoned again, the stored run unchanged:'))
}

export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('what this host can measure, what not, why, and how to get it')
    .option('--json', 'as JSON')
    .option('--ceilings', 'measure first what this host reaches at most (about 4 s), and show it')
    .action(async (flags: Flags & { readonly ceilings?: boolean }) => {
      const { doctor, measureCeilings } = await import('../../index.ts')
      const measured = flags.ceilings ? await measureCeilings() : undefined
      for (const warning of measured?.warnings ?? []) complain(`tailwatt: ${warning}.`)
      for (const { what, reason } of measured?.unmeasured ?? []) complain(`tailwatt: ${what} not measured: ${reason}.`)
      const rows = await doctor()
      if (flags.json) return printJson(rows)
      const style = await terminalStyle()
      print((await import('../../terminal/listings.ts')).doctorTable(rows, style))
      if (measured)
        print(`\n${(await import('../../terminal/ceiling-lines.ts')).ceilingTable(measured.ceilings, style)}`)
    })
  withEnvironment(command)
}

export function addZoo(program: Command): void {
  const zoo = program.command('zoo').description('reference models, built here')
  const list = zoo
    .command('list')
    .description('the models with their sizes and costs')
    .option('--json', 'as JSON')
    .action(async (flags: Flags) => {
      const { zooListing } = await import('../../index.ts')
      const rows = await zooListing()
      if (flags.json) printJson(rows)
      else print((await import('../../terminal/listings.ts')).zooTable(rows, await terminalStyle()))
    })
  withEnvironment(list)
  zoo
    .command('build <name>')
    .description('build a model into the cache and say where it is')
    .action(async (name: string) => {
      const { buildZoo } = await import('../../index.ts')
      printLine(await buildZoo(name))
    })
}

export function addExplain(program: Command): void {
  program
    .command('explain [id]')
    .description('what a metric, a finding or an error means; without an id: all there are')
    .action(async (id: string | undefined) => {
      const { explain, explainable, TailwattError } = await import('../../index.ts')
      if (id === undefined) return print(`${(await explainable()).join('\n')}\n`)
      const found = await explain(id)
      if (!found)
        throw new TailwattError('usage', { message: `no metric, finding or error is named ${id}`, verb: 'explain' })
      const { wrap } = await import('../../terminal/style.ts')
      const style = await terminalStyle()
      print(`${style.bold(found.title)}  ${style.dim(found.kind)}\n${wrap(found.text, style.width).join('\n')}\n`)
    })
}

export function addSchema(program: Command): void {
  program
    .command('schema')
    .description('the JSON schema of run.json')
    .action(async () => {
      const { runJsonSchema } = await import('../../index.ts')
      printJson(await runJsonSchema())
    })
}
