// `tailwatt report`: a stored run as one HTML page.
import { Option, type Command } from 'commander'
import { withEnergyFlags } from '../energy-flags.ts'
import { withEnvironment } from '../environment.ts'
import { reportNotStored } from '../errors.ts'
import { print, printJson, printLine } from '../output.ts'
import { openOptions, type OpenFlags } from '../open-flags.ts'

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
    .action(async (run: string, flags: OpenFlags & { readonly to?: string }) => {
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
