// Files that are kept open and read again, where absence and refusal are no exceptions: for reading in mid-run.
import type { Host, OpenFile } from './host.ts'

/** `undefined` where it is not there or may not be read. */
export function openOrUndefined(host: Host, path: string): OpenFile | undefined {
  try {
    return host.open(path)
  } catch {
    return undefined
  }
}

/** `undefined` where it cannot be read any more. */
export function textOf(file: OpenFile): string | undefined {
  try {
    return file.text()
  } catch {
    return undefined
  }
}
