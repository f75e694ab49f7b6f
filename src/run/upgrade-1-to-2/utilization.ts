// Format 2: `utilization` is spelt as the drivers and the exporters spell it, in every key and id that programs read.
import { changed, isObject, type Json } from './json.ts'

export function upgradeUtilization(document: Json): Json {
  const renamed = renamedKeys(document, 'utilisation')
  const { unmeasured } = renamed
  return changed(
    Array.isArray(unmeasured) ? { ...renamed, unmeasured: unmeasured.map(upgradeUnmeasured) } : renamed,
    'utilization',
    (utilization) => {
      const { devices } = utilization
      return Array.isArray(devices) ? { ...utilization, devices: devices.map(upgradeDevice) } : utilization
    },
  )
}

const respelt = (text: string): string => text.replace('utilisation', 'utilization')

/** @param key the only one; left out: every one that holds the word */
const renamedKeys = (object: Json, key?: string): Json =>
  Object.fromEntries(
    Object.entries(object).map(([name, value]) => [key === undefined || name === key ? respelt(name) : name, value]),
  )

/** Figures of a device are called after roles of channels. */
const upgradeDevice = (device: unknown): unknown =>
  isObject(device) ? changed(device, 'figures', (figures) => renamedKeys(figures)) : device

const upgradeUnmeasured = (row: unknown): unknown =>
  isObject(row) && row['what'] === 'utilisation' ? { ...row, what: 'utilization' } : row
