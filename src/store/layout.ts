// Names within a run folder.
import { join } from 'node:path'

export const names = {
  document: 'run.json',
  journal: 'journal.bin',
  lock: 'lock',
  requests: 'requests.parquet',
  batches: 'batches.parquet',
  samples: 'samples.parquet',
  events: 'events.parquet',
  report: 'report.html',
} as const

export type Paths = Readonly<Record<keyof typeof names, string>>

export const paths = (folder: string): Paths =>
  Object.fromEntries(Object.entries(names).map(([key, name]) => [key, join(folder, name)])) as Paths
