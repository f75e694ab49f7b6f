// `tailwatt doctor`: what this host can measure, what not, and how to enable it.
import type { Command } from 'commander'
import { withEnvironment } from '../environment.ts'
import { complain, print, printJson, terminalStyle } from '../output.ts'

interface DoctorFlags {
  readonly json?: boolean
  readonly ceilings?: boolean
  readonly load?: boolean
}

export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('what this host can measure, what not, why, and how to get it')
    .option('--json', 'as JSON')
    .option('--ceilings', 'measure first what this host reaches at most (about 4 s), and show it')
    .option('--load', 'measure what the load client can do here (about 6 s), and show it')
    .action(async (flags: DoctorFlags) => {
      const { checkClient, doctor, measureCeilings } = await import('../../index.ts')
      const measured = flags.ceilings ? await measureCeilings() : undefined
      for (const warning of measured?.warnings ?? []) complain(`tailwatt: ${warning}.`)
      for (const { what, reason } of measured?.unmeasured ?? []) complain(`tailwatt: ${what} not measured: ${reason}.`)
      const rows = await doctor()
      const load = flags.load ? await checkClient() : undefined
      if (flags.json) return printJson(load ? { rows, load } : rows)
      const style = await terminalStyle()
      print((await import('../../terminal/listings.ts')).doctorTable(rows, style))
      if (load) print(`\n${(await import('../../terminal/client-lines.ts')).clientTable(load, style)}`)
      if (measured)
        print(`\n${(await import('../../terminal/ceiling-lines.ts')).ceilingTable(measured.ceilings, style)}`)
    })
  withEnvironment(command)
}
