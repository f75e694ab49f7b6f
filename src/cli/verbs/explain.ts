// `tailwatt explain`: what a metric, a finding or an error means.
import type { Command } from 'commander'
import { print, terminalStyle } from '../output.ts'

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
