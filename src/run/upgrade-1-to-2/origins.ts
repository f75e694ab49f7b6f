// Format 2: what a figure rests on was one text, ids joined by ` + ` or a sentence, and is a list of channels and a sentence;
// its cautions were sentences joined by `; `, and are a list with codes.
import type { Caution, CautionCode } from '../caution.ts'
import { isObject, type Json } from './json.ts'

/** Every figure of a document, wherever it stands. */
export function upgradeOrigins(document: Json): Json {
  const { channels } = document
  const ids = new Set(Array.isArray(channels) ? channels.flatMap((each) => (isObject(each) ? [each['id']] : [])) : [])
  return walked(document, ids) as Json
}

function walked(value: unknown, ids: ReadonlySet<unknown>): unknown {
  if (Array.isArray(value)) return value.map((each) => walked(each, ids))
  if (!isObject(value)) return value
  const inner = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, walked(each, ids)]))
  return 'value' in inner && 'low' in inner && 'high' in inner && 'n' in inner ? upgradeFigure(inner, ids) : inner
}

function upgradeFigure({ source, caution, ...figure }: Json, ids: ReadonlySet<unknown>): Json {
  return {
    ...figure,
    ...(typeof source === 'string' ? originIn(source, ids) : source === undefined ? {} : { source }),
    ...(typeof caution === 'string' ? { cautions: cautionsIn(caution) } : caution === undefined ? {} : { caution }),
  }
}

interface Origin {
  readonly sources?: readonly string[]
  readonly how?: string
}

function originIn(text: string, ids: ReadonlySet<unknown>): Origin {
  const [, whole, part] = /^(.*) − \((.*)\)$/s.exec(text) ?? []
  if (whole !== undefined && part !== undefined)
    return { sources: [...listIn(whole), ...listIn(part)], how: 'difference' }
  // Of grams: what the energy rests on, then the grid.
  const [first = '', ...others] = text.split('; ')
  const list = listIn(first)
  const channels = list.every((id) => ids.has(id) || !id.includes(' '))
  const how = [...(channels ? [] : [first.replace(/^model: /, '')]), ...others].join('; ')
  return { ...(channels ? { sources: list.flatMap((id) => quota[id] ?? id) } : {}), ...(how === '' ? {} : { how }) }
}

/** Ids joined by ` + `; a channel's list in a check or an attribution was written alike. */
export const listIn = (text: string): readonly string[] => text.split(' + ')

/** Named the two by what they had in common. */
const quota: Readonly<Record<string, readonly string[]>> = {
  'procfs/cgroup': ['procfs/cgroup/throttled', 'procfs/cgroup/periods'],
}

/** Some of the sentences hold the separator. */
const sentences: readonly (readonly [CautionCode, RegExp])[] = [
  ['too-few-samples', /p[\d.]+: only \S+ of \d+ samples lie above it.*?; it takes \d+ samples(?:, about .*? more)?/],
  ['below-resolution', /below resolution: .*? is too short for .*?; run longer \(--for\)/],
  ['replayed', /replayed from a recording, not measured in this run/],
  ['synthetic', /synthetic, not measured/],
  ['grid-partly-covered', /readings of the grid cover \d+ % of the window/],
  ['partly-covered', /readings of [^;]* cover \d+ % of the window/],
  ['suspended', /the host was suspended during the run/],
  ['estimate', /an estimate; `tailwatt doctor` says how to measure/],
  ['gpu-may-be-beside', /it is not known whether the platform counter \(psys\) holds the GPU/],
  ['idle-measured-once', /idle was measured once/],
  ['idle-not-steady', /idle was not steady: .*?; a longer --idle on a rested host is better/],
  ['grid-not-known', /no region was given: .*?; --region \S+ narrows it/],
  ['grid-estimated', /the grid’s intensity was estimated by its source, not yet measured/],
  ['scaled-up', /counted during \d+ % of the time, and scaled up/],
  ['disturbed', /other programs used the CPUs in every burst: the true ceiling is higher/],
  ['above-ceiling', /more than the ceiling: .*?; see --ceilings/],
  ['aliasing', /[^;]* sees [^;]* and the load repeats every [^;]*/],
]
const anchored = sentences.map(([code, { source }]) => [code, new RegExp(`^(?:${source})(?=; |$)`, 's')] as const)

function cautionsIn(text: string): readonly Caution[] {
  const found: Caution[] = []
  for (let rest = text; rest !== '';) {
    const caution = firstIn(rest)
    found.push(caution)
    rest = rest.slice(caution.text.length).replace(/^; /, '')
  }
  return found
}

function firstIn(text: string): Caution {
  for (const [code, pattern] of anchored) {
    const [sentence] = pattern.exec(text) ?? []
    if (sentence) return { code, text: sentence }
  }
  const end = text.indexOf('; ')
  return { code: 'other', text: end <= 0 ? text : text.slice(0, end) }
}
