// `tailwatt show`: the summary of a stored run, its document, or what its sensors read.
import { Option, type Command } from 'commander'
import { energyFlags, withEnergyFlags } from '../energy-flags.ts'
import { withEnvironment } from '../environment.ts'
import { reportNotStored } from '../errors.ts'
import { print, printJson, terminalStyle } from '../output.ts'
import { openOptions, type OpenFlags } from '../open-flags.ts'

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
    .action(async (run: string, flags: OpenFlags & { readonly readings?: boolean }) => {
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
