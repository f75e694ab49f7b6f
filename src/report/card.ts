// The page's pieces: sections under a heading, cards within them. What has nothing to show is `undefined`.
import { html, type Html } from '../base/html.ts'
import type { Chart } from '../charts/chart.ts'
import type { RunDocument } from '../run/document.ts'
import { table } from './text.ts'

type Content = readonly (Html | undefined)[]

export const card = (title: string, ...content: Content): Html => framed('card', title, content)

/** A card as wide as the page, for tables of many columns. */
export const wideCard = (title: string, ...content: Content): Html => framed('card wide', title, content)

const framed = (className: string, title: string, content: Content): Html =>
  html`<section class="${className}"><h3>${title}</h3>${content}</section>`

/** A drawing with its sentence and its numbers as a table; `more` stands between drawing and table. */
export function chartCard(chart: Chart, more?: Html, wide: boolean = false): Html {
  const name = `${chart.title} as a table`
  const body = [
    chart.svg,
    html`<p class="soft">${chart.description}</p>`,
    more,
    html`<details><summary>${name}</summary>${table(chart.table.head, chart.table.rows, name)}</details>`,
  ]
  return wide ? wideCard(chart.title, ...body) : card(chart.title, ...body)
}

/** A part of the page with a heading of its own, which says so when the run was not measured. */
export function section(
  document: RunDocument,
  { id, title }: { readonly id: string; readonly title: string },
  cards: Content,
): Html {
  return html`<section class="part" id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}${syntheticMark(document)}</h2><div class="grid">${cards}</div></section>`
}

const syntheticMark = ({ synthetic }: RunDocument): Html | undefined =>
  synthetic ? html` <span class="mark-synthetic">Synthetic: not measured</span>` : undefined
