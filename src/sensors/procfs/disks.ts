// Bytes that the host's disks read and wrote (Documentation/admin-guide/iostats.rst). Partitions and devices made of others
// (dm, md, loop, zram) are the same bytes again.
import type { Host } from '../../host/host.ts'
import { openOnce } from '../../host/kept-file.ts'
import { ReadBudget } from '../../host/read-budget.ts'
import { diskChannels, missing, type Part } from './part.ts'

const sectorBytes = 512

export function hostDisks(host: Host): Part {
  const file = openOnce(host, '/proc/diskstats')
  const first = file && bytesOf(host, file.text() ?? '', new Map())
  if (!file || !first) {
    file?.close()
    const reason = file ? 'no disk of its own stands in /proc/diskstats' : '/proc/diskstats cannot be read'
    return missing({ what: 'procfs/host: disk-read, disk-written', reason, remedy: 'measure on the host of the disks' })
  }
  const known = new Map<string, boolean>()
  const budget = new ReadBudget()
  return {
    channels: diskChannels('host'),
    lacks: [],
    read: () => {
      const begun = host.now()
      if (!budget.due(begun)) return []
      const sums = bytesOf(host, file.text() ?? '', known)
      budget.spent(begun, host.now())
      return sums ?? []
    },
    close: () => file.close(),
  }
}

/** Read and written. @param known whether a name is a disk; the file has hundreds of lines on a large host */
function bytesOf(host: Host, text: string, known: Map<string, boolean>): readonly number[] | undefined {
  let disks = 0
  let read = 0
  let written = 0
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/ +/, 10)
    const name = fields[2]
    if (name === undefined) continue
    let disk = known.get(name)
    if (disk === undefined) known.set(name, (disk = host.exists(`/sys/block/${name.replaceAll('/', '!')}/device`)))
    if (!disk) continue
    disks++
    read += Number(fields[5]) * sectorBytes
    written += Number(fields[9]) * sectorBytes
  }
  return disks > 0 && Number.isFinite(read + written) ? [read, written] : undefined
}
