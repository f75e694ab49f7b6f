// One scrape of dcgm-exporter as readings by GPU and field. Rows of MIG instances and of further containers repeat their
// GPU's: the first of a GPU counts, and of an instance only what is the whole device's.
import { parseExposition } from './exposition.ts'
import { fields, isBlank, type Field } from './fields.ts'

const prefix = 'DCGM_FI_'

/** Readings in the channels' units, by `<uuid>/<what>`; the board's name is empty where the exporter does not say it. */
export interface Scrape {
  readonly devices: readonly { readonly uuid: string; readonly board: string; readonly fields: readonly Field[] }[]
  readonly values: ReadonlyMap<string, number>
}

export function readScrape(text: string): Scrape {
  const byName = new Map<string, Map<string, number>>()
  const boards = new Map<string, string>()
  for (const { name, labels, value } of parseExposition(text, prefix)) {
    const uuid = labels['UUID'] ?? labels['uuid']
    if (uuid === undefined || uuid === '' || isBlank(value)) continue
    const short = name.slice(prefix.length)
    if (short.startsWith('PROF_') && labels['GPU_I_ID']) continue
    const ofDevice = byName.get(uuid) ?? new Map<string, number>()
    byName.set(uuid, ofDevice)
    // The first that is named: rows may leave it out.
    if (!boards.has(uuid) && labels['modelName']) boards.set(uuid, labels['modelName'])
    if (!ofDevice.has(short)) ofDevice.set(short, value)
  }
  const values = new Map<string, number>()
  const devices = [...byName].map(([uuid, ofDevice]) => {
    const found: Field[] = []
    for (const field of fields) {
      const name = field.names.find((candidate) => ofDevice.has(candidate))
      const key = `${uuid}/${field.what}`
      if (name === undefined || values.has(key)) continue
      values.set(key, ofDevice.get(name)! * field.factor)
      found.push(field)
    }
    return { uuid, board: boards.get(uuid) ?? '', fields: found }
  })
  return { devices: devices.filter((device) => device.fields.length > 0), values }
}
