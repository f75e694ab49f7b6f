// Names within a run folder.
import { join } from 'node:path'
import { ofTables, type TableName } from '../run/table.ts'

type Entry = 'document' | 'journal' | 'lock' | TableName | 'events' | 'report'
export type Paths = Readonly<Record<Entry, string>>

export const names: Paths = {
  document: 'run.json',
  journal: 'journal.bin',
  lock: 'lock',
  ...ofTables<Readonly<Record<TableName, string>>>((name) => `${name}.parquet`),
  events: 'events.parquet',
  report: 'report.html',
}

export const paths = (folder: string): Paths =>
  Object.fromEntries(Object.entries(names).map(([key, name]) => [key, join(folder, name)])) as Paths
