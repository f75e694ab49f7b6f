// Format 2: checks, attributions and the parts of the chain named channels in a text, alone or behind a word that said what
// they are. The text is a list, the word a code. Where a published PUE comes from was a sentence.
import { changed, isObject, type Json } from './json.ts'
import { listIn } from './origins.ts'

export const upgradeEnergy = (document: Json): Json =>
  changed(document, 'energy', (energy) =>
    changed(
      eachOf(eachOf(eachOf(energy, 'checks', upgradeCheck), 'attributed', upgradeAttribution), 'chain', upgradeStep),
      'carbon',
      upgradePue,
    ),
  )

function eachOf(object: Json, key: string, change: (each: Json) => Json): Json {
  const list = object[key]
  return Array.isArray(list) ? { ...object, [key]: list.map((each) => (isObject(each) ? change(each) : each)) } : object
}

const asList = (value: unknown): unknown => (typeof value === 'string' ? listIn(value) : value)

function upgradeCheck(check: Json): Json {
  const { what, against } = check
  return { ...check, what: asList(what), against: asList(against) }
}

function upgradeAttribution(row: Json): Json {
  const { device, by, ...rest } = row
  const code = by === 'CPU time' ? 'cpu-time' : by === 'GPU process utilisation' ? 'gpu-utilization' : by
  return { ...rest, ...(device === undefined ? {} : { channels: asList(device) }), by: code }
}

const upgradeStep = (step: Json): Json => eachOf(step, 'parts', (part) => upgradePart(part, step['level']))

const ofInference: ReadonlyMap<string, string> = new Map([
  ['gross', 'gross'],
  ['above idle', 'net'],
  ['of the process alone', 'target'],
])

function upgradePart({ name, ...part }: Json, level: unknown): Json {
  if (typeof name !== 'string') return { ...part, ...(name === undefined ? {} : { name }) }
  const [process] = /^(?:target|tailwatt)(?= of )/.exec(name) ?? []
  const kind =
    level === 'inference'
      ? ofInference.get(name)
      : level === 'process'
        ? process
        : name === 'model'
          ? 'estimate'
          : 'device'
  return kind === undefined ? { ...part, name } : { kind, ...part }
}

function upgradePue(carbon: Json): Json {
  const { pue_source: text } = carbon
  if (typeof text !== 'string') return carbon
  if (text === 'as given') return { ...carbon, pue_source: 'given' }
  const [, provider, year, source] = /^(.*)’s data centres (\d{4}): (.*)$/s.exec(text) ?? []
  return provider === undefined ? carbon : { ...carbon, pue_source: { provider, year: Number(year), source } }
}
