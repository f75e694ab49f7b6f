// The page's pieces: sections under a heading, cards within them.
import { escape } from '../charts/svg.ts'
import type { Chart } from '../charts/chart.ts'
import type { RunDocument } from '../run/document.ts'
import { table } from './text.ts'

export const card = (title: string, ...content: readonly string[]): string => framed('card', title, content)

/** A card as wide as the page, for tables of many columns. */
export const wideCard = (title: string, ...content: readonly string[]): string => framed('card wide', title, content)

const framed = (className: string, title: string, content: readonly string[]): string =>
  `<section class="${className}"><h3>${escape(title)}</h3>${content.join('')}</section>`

/** A drawing with its sentence and its numbers as a table; `more` stands between drawing and table. */
export function chartCard(chart: Chart, more: string = '', wide: boolean = false): string {
  const name = `${chart.title} as a table`
  const body = [
    chart.svg,
    `<p class="soft">${escape(chart.description)}</p>`,
    more,
    `<details><summary>${escape(name)}</summary>${table(chart.table.head, chart.table.rows, name)}</details>`,
  ]
  return wide ? wideCard(chart.title, ...body) : card(chart.title, ...body)
}

/** A part of the page with a heading of its own, which says so when the run was not measured. Empty without cards. */
export function section(
  document: RunDocument,
  { id, title, note = '' }: { readonly id: string; readonly title: string; readonly note?: string },
  cards: readonly string[],
): string {
  const content = cards.join('')
  if (content === '') return ''
  return `<section class="part" id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${escape(title)}${syntheticMark(document)}</h2>${
    note === '' ? '' : `<p class="soft note">${escape(note)}</p>`
  }<div class="grid">${content}</div></section>`
}

export const syntheticMark = ({ synthetic }: RunDocument): string =>
  synthetic ? ' <span class="mark-synthetic">Synthetic: not measured</span>' : ''
