// The chain from the socket to one inference as a figure and a table: each step with its watts, joules, grade and source, and
// what the next step does not show of it.
import type { Channel } from '../../run/channel.ts'
import { energyChainChart } from '../../charts/energy-chain-chart.ts'
import { deviceName } from '../../analysis/channels/device-name.ts'
import { html, type Html } from '../../base/html.ts'
import type { RunDocument } from '../../run/document.ts'
import type { EnergyPart, EnergyStep } from '../../run/sections/energy.ts'
import type { Figure } from '../../run/figure.ts'
import { wideCard } from '../card.ts'
import { cautions, gradeKey, originText, table, withInterval, type Cell } from '../text.ts'

export const stepNames: Readonly<Record<EnergyStep['level'], string>> = {
  wall: 'wall (external meter)',
  system: 'host (board sensor)',
  platform: 'host (platform counter)',
  devices: 'devices',
  process: 'profiled process',
  inference: 'one inference',
}

export function chainCard(document: RunDocument): Html | undefined {
  const { chain } = document.energy
  if (!chain || chain.every(({ joules }) => joules === null)) return missingCard(chain)
  const chart = energyChainChart(chain, stepNames)
  const seconds = secondsOf(chain)
  const rows = chain.flatMap((step) => rowsOf(step, document, seconds))
  return wideCard(
    'From the socket to the inference',
    chart.svg,
    html`<p class="soft">${chart.description}</p>`,
    table(
      ['step', 'power', 'energy', 'grade', 'not in the next step', 'source'],
      rows,
      'The chain of energy, step by step',
    ),
    cautions(chain.map(({ level, joules }) => [stepNames[level], joules] as const)),
    html`<p class="soft">${gradeKey}</p>`,
  )
}

/** Nothing was measured at all: why, and what would help. */
function missingCard(chain: readonly EnergyStep[] | undefined): Html | undefined {
  if (!chain) return undefined
  const rows = chain.map(({ level, missing }) => [stepNames[level], missing?.reason ?? '', missing?.remedy ?? ''])
  return wideCard(
    'From the socket to the inference',
    html`<p>No power was measured or estimated.</p>`,
    table(['not measured', 'why', 'remedy'], rows, 'The chain of energy, step by step'),
  )
}

/** Of the measured window. */
function secondsOf(chain: readonly EnergyStep[]): number | undefined {
  const step = chain.find(({ joules, watts }) => joules?.high && watts?.high)
  return step && step.joules!.high! / step.watts!.high!
}

function rowsOf(step: EnergyStep, document: RunDocument, seconds: number | undefined): readonly (readonly Cell[])[] {
  const name = stepNames[step.level]
  if (step.joules === null) {
    const { reason = '', remedy = '' } = step.missing ?? {}
    const told = `${reason}; ${remedy}`
    const whole = html`<span class="told"><span class="absent">not measured</span>: ${told}</span>`
    return [[name, { html: whole, longest: told, columns: 5 }]]
  }
  const perSecond = (figure: Figure): Figure => (seconds === undefined ? figure : divided(figure, seconds))
  const unaccounted = step.unaccounted && seconds !== undefined ? withInterval(perSecond(step.unaccounted)) : ''
  const inference = step.level === 'inference'
  const parts = step.parts.length > 1 || step.level === 'process' || inference ? step.parts : []
  return [
    [
      { html: html`<strong>${name}</strong>`, longest: name },
      withInterval(step.watts).replace('–', ''),
      withInterval(step.joules),
      gradeOf(step.joules),
      unaccounted,
      parts.length > 1 && !inference
        ? step.level === 'process'
          ? 'the target’s rows below'
          : 'the rows below together'
        : originText(step.joules),
    ],
    ...parts
      .filter((part) => !inference || part.kind !== 'gross')
      .map((part) => ({ part, name: partName(step, part, document) }))
      .map(({ part, name: inner }): readonly Cell[] => [
        { html: html`<span class="inner">${inner}</span>`, longest: inner },
        inference ? '' : withInterval(perSecond(part.joules)),
        withInterval(part.joules),
        gradeOf(part.joules),
        '',
        inference && part.kind === 'target' ? 'as the profiled process' : originText(part.joules),
      ]),
  ]
}

const gradeOf = ({ grade, basis }: Figure): string => `${grade ?? '–'}${basis === 'net' ? ', net of idle' : ''}`

function partName(step: EnergyStep, { kind, joules }: EnergyPart, document: RunDocument): string {
  if (step.level === 'inference') return ofInference[kind]
  if (kind === 'tailwatt') return 'tailwatt itself'
  if (kind === 'estimate') return 'CPU, estimated'
  const devices = new Set(joules.sources?.map((id) => deviceOf(id, document)))
  return [...(kind === 'target' ? ['target'] : []), ...devices].join(', ')
}

const ofInference: Readonly<Record<EnergyPart['kind'], string>> = {
  gross: 'gross',
  net: 'above idle',
  target: 'of the process alone',
  tailwatt: 'tailwatt itself',
  device: 'of the device',
  estimate: 'estimated',
}

function deviceOf(id: string, document: RunDocument): string {
  const channel = channelOf(id, document)
  return channel ? deviceName(channel, document.host.gpus) : id
}

const byId = new WeakMap<readonly Channel[], ReadonlyMap<string, Channel>>()

function channelOf(id: string, { channels }: RunDocument): Channel | undefined {
  const found = byId.get(channels) ?? new Map(channels.map((channel) => [channel.id, channel]))
  byId.set(channels, found)
  return found.get(id)
}

export function divided(figure: Figure, seconds: number): Figure {
  const over = (value: number | null): number | null => (value === null ? null : value / seconds)
  return { ...figure, value: over(figure.value), low: over(figure.low), high: over(figure.high), unit: 'W' }
}
