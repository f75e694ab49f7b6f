// Makes a folder and those above it, one by one: Node's own recursive form never returns where a parent exists and takes
// no entries, such as /proc.
import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** Throws the system's error (`code` is set) where it may not. */
export function makeFolders(path: string): void {
  if (existsSync(path)) return
  const parent = dirname(path)
  if (parent !== path) makeFolders(parent)
  try {
    mkdirSync(path)
  } catch (error) {
    // Another process may have been faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
