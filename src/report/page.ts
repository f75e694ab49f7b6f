// A page that holds all it shows: its styles and scripts, and the policy that allows exactly those by their hash. Nothing else
// on the page runs, whatever became of its text; elements have no style or code of their own.
import { html, trusted, type Html } from '../base/html.ts'
import { sha256 } from '../base/sha256.ts'

export interface Inline {
  readonly element: Html
  /** As a policy names it. */
  readonly source: string
}

const source = (text: string): string => `'sha256-${sha256(text)}'`

/** @param text a constant of our own source */
export const inlineStyle = (text: string): Inline => ({
  element: html`<style>${trusted(text)}</style>`,
  source: source(text),
})
/** @param text a constant of our own source */
export const inlineScript = (text: string): Inline => ({
  element: html`<script>${trusted(text)}</script>`,
  source: source(text),
})

const sources = (all: readonly Inline[]): string => all.map((each) => each.source).join(' ')

/** @param more directives that a response can have and a file cannot */
export const contentPolicy = (
  styles: readonly Inline[],
  scripts: readonly Inline[],
  ...more: readonly string[]
): string =>
  [
    "default-src 'none'",
    `style-src ${sources(styles)}`,
    `script-src ${sources(scripts)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    ...more,
  ].join('; ')

export interface Page {
  readonly title: string
  /** Where no response carries it. */
  readonly policy?: string
  readonly styles: readonly Inline[]
  readonly body: Html
  readonly scripts: readonly Inline[]
}

export const page = ({ title, policy, styles, body, scripts }: Page): Html => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
${policy === undefined ? undefined : html`<meta http-equiv="Content-Security-Policy" content="${policy}">`}
<title>${title}</title><link rel="icon" href="data:,">${styles.map(({ element }) => element)}</head>
<body>${body}
${scripts.map(({ element }) => element)}</body></html>
`
