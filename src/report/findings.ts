// What the analyses found, with evidence and advice, and what other settings gave.
import { escape } from '../charts/svg.ts'
import type { RunDocument } from '../run/document.ts'
import { formatNumber } from '../units/quantity.ts'
import { card, wideCard } from './card.ts'
import { table } from './text.ts'

export function findings(document: RunDocument): string {
  if (document.findings.length === 0) return ''
  const items = document.findings.map((finding) => {
    const evidence = Object.entries(finding.evidence)
      .map(
        ([key, value]) =>
          `${key} ${Array.isArray(value) ? value.map(shown).join(', ') : shown(value as string | number | boolean | null)}`,
      )
      .join(' · ')
    const gain = finding.gain
      ? `<p>Measured gain: ${escape(`${signed(finding.gain.value!)} (${signed(finding.gain.low!)} … ${signed(finding.gain.high!)}) of ${finding.gain.metric}`)}</p>`
      : ''
    return `<li class="${finding.severity}"><p><span class="tag">${finding.severity}</span> ${escape(finding.title)}</p>${
      finding.advice ? `<p class="advice">→ ${escape(finding.advice)}</p>` : ''
    }${gain}<details><summary>Evidence</summary><p class="soft">${escape(evidence)}</p></details></li>`
  })
  return wideCard('Findings', `<ul class="findings">${items.join('')}</ul>`)
}

const shown = (value: string | number | boolean | null): string =>
  typeof value === 'number' ? (Number.isInteger(value) ? String(value) : formatNumber(value)) : String(value)
const signed = (share: number): string => `${share < 0 ? '−' : '+'}${formatNumber(Math.abs(share) * 100, 2)} %`

export function adviceCard(document: RunDocument): string {
  if (!document.advice || document.advice.length === 0) return ''
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
