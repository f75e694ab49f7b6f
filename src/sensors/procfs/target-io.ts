// Bytes that the target made the disks read and write, page cache left out (/proc/<pid>/io: read_bytes, write_bytes). The
// kernel shows it to the process's own user only.
import type { Host } from '../../host/host.ts'
import { type KeptFile, openOnce } from '../../host/kept-file.ts'
import type { Unmeasured } from '../../run/manifest.ts'
import { diskChannels, missing, number, type Part } from './part.ts'

const what = 'procfs/target: disk-read, disk-written'

export function targetIo(host: Host): Part {
  const lacks: Unmeasured[] = []
  if (totals(host.readFile('/proc/self/io') ?? '') === undefined) {
    const remedy = 'use a kernel with CONFIG_TASK_IO_ACCOUNTING; in a container allow ptrace (--cap-add SYS_PTRACE)'
    return missing({ what, reason: '/proc/<pid>/io cannot be read, not even for this process', remedy })
  }
  let file: KeptFile | undefined
  return {
    channels: diskChannels('target'),
    lacks,
    follow: (pid) => {
      file?.close()
      file = pid > 0 ? openOnce(host, `/proc/${pid}/io`) : undefined
      if (pid <= 0 || (file && totals(file.text() ?? '') !== undefined)) return
      const reason = `/proc/${pid}/io cannot be read: the process is gone, or another user’s`
      lacks.push({ what, reason, remedy: 'run as the user of the process, or as root' })
    },
    read: () => (file && totals(file.text() ?? '')) ?? [],
    close: () => {
      file?.close()
      file = undefined
    },
  }
}

/** Read and written. */
function totals(text: string): readonly number[] | undefined {
  const read = number(text, /^read_bytes: (\d+)$/m)
  const written = number(text, /^write_bytes: (\d+)$/m)
  return read === undefined || written === undefined ? undefined : [read, written]
}
