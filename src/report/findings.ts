// What the analyses found, with evidence and advice, and what other settings gave.
import { html, type Html } from '../base/html.ts'
import type { RunDocument } from '../run/document.ts'
import { formatNumber } from '../units/quantity.ts'
import { card, wideCard } from './card.ts'
import { table } from './text.ts'

export function findings(document: RunDocument): Html | undefined {
  if (document.findings.length === 0) return undefined
  const items = document.findings.map((finding) => {
    const evidence = Object.entries(finding.evidence)
      .map(
        ([key, value]) =>
          `${key} ${Array.isArray(value) ? value.map(shown).join(', ') : shown(value as string | number | boolean | null)}`,
      )
      .join(' · ')
    const gain = finding.gain
      ? html`<p>Measured gain: ${signed(finding.gain.value!)} (${signed(finding.gain.low!)} … ${signed(finding.gain.high!)}) of ${finding.gain.metric}</p>`
      : undefined
    const advice = finding.advice ? html`<p class="advice">→ ${finding.advice}</p>` : undefined
    return html`<li class="${finding.severity}"><p><span class="tag">${finding.severity}</span> ${finding.title}</p>${advice}${gain}<details><summary>Evidence</summary><p class="soft">${evidence}</p></details></li>`
  })
  return wideCard('Findings', html`<ul class="findings">${items}</ul>`)
}

const shown = (value: string | number | boolean | null): string =>
  typeof value === 'number' ? (Number.isInteger(value) ? String(value) : formatNumber(value)) : String(value)
const signed = (share: number): string => `${share < 0 ? '−' : '+'}${formatNumber(Math.abs(share) * 100, 2)} %`

export function adviceCard(document: RunDocument): Html | undefined {
  if (!document.advice || document.advice.length === 0) return undefined
  return card(
    'Other settings, against this run’s',
    table(
      ['setting', 'change', '95 % interval', ''],
      document.advice.map((result) => [
        result.flag,
        result.change === null ? '–' : `${result.metric} ${signed(result.change)}`,
        result.low === null || result.high === null ? '–' : `${signed(result.low)} … ${signed(result.high)}`,
        result.failure ??
          (result.high !== null && result.high < 0
            ? 'faster'
            : result.low !== null && result.low > 0
              ? 'slower'
              : 'unsure'),
      ]),
      'Other settings',
    ),
  )
}
