// The answer in words and the key figures as tiles.
import { html, type Html } from '../base/html.ts'
import { hasCaution } from '../run/caution.ts'
import type { RunDocument } from '../run/document.ts'
import { formatDuration, formatNumber } from '../units/quantity.ts'
import { wideCard } from './card.ts'
import { gradeText, ms, msRange, quantity, table } from './text.ts'

/** The answer first: do the rules hold, and can the run be trusted? */
export function verdict(document: RunDocument): Html {
  const { sla, load_certificate: certificate, state } = document
  const failed = sla.filter((rule) => rule.verdict === 'fail').length
  const unsure = sla.filter((rule) => rule.verdict === 'unsure').length
  const critical = document.findings.find((finding) => finding.severity === 'critical')
  const [level, word] = document.synthetic
    ? ['warn', 'Synthetic: nothing here was measured']
    : state === 'failed'
      ? ['bad', 'The run failed']
      : failed > 0
        ? ['bad', `${failed} of ${sla.length} rules fail`]
        : !certificate.valid
          ? ['bad', 'Not trustworthy: the load was not the one asked for']
          : unsure > 0
            ? ['warn', `${unsure} of ${sla.length} rules cannot be decided`]
            : critical
              ? ['warn', 'Read the findings first']
              : sla.length > 0
                ? ['good', 'All rules hold']
                : ['good', 'Measured as asked']
  const parts = [
    critical ? critical.title : '',
    state === 'interrupted' ? 'The run was interrupted; this is what was measured until then.' : '',
    state === 'recovered' ? 'The run was cut off; this was recovered from its journal.' : '',
  ].filter(Boolean)
  return html`<section class="verdict ${level}" aria-label="Verdict"><p class="word">${word}</p>${parts.map((part) => html`<p>${part}</p>`)}</section>`
}

/** Each rule with its verdict. */
export function rules({ sla }: RunDocument): Html | undefined {
  if (sla.length === 0) return undefined
  return wideCard(
    'Rules',
    table(
      ['rule', 'verdict', 'measured', '95 % interval', ''],
      sla.map((rule) => [
        rule.rule,
        rule.verdict,
        rule.value === null ? '–' : `${formatNumber(rule.value)} ${rule.unit}`,
        rule.low === null && rule.high === null
          ? '–'
          : `${rule.low === null ? '…' : formatNumber(rule.low)} … ${rule.high === null ? '' : formatNumber(rule.high)}`,
        rule.reason ?? '',
      ]),
      'SLA rules',
    ),
  )
}

export function tiles(document: RunDocument): Html {
  const { latency_ms: latency, throughput, energy, cold_start: cold } = document
  return html`<div class="tiles">${[
    tile('p50', ms(latency.p50.value), msRange(latency.p50)),
    tile(
      'p99',
      ms(latency.p99.value),
      hasCaution(latency.p99, 'too-few-samples') ? 'too few samples' : msRange(latency.p99),
    ),
    tile('largest', ms(latency.max?.value), latency.max ? `at ${formatDuration(latency.max.at_s * 1e9)}` : ''),
    tile('throughput', quantity(throughput.inferences_per_s), 'inferences a second'),
    tile(
      'energy per inference',
      quantity(energy.per_inference_j),
      energy.per_inference_j ? gradeText(energy.per_inference_j) : 'not measured',
    ),
    tile(
      'first answer after',
      ms(cold.total_ms?.value),
      cold.total_ms ? `mean of ${cold.total_ms.n} fresh processes` : 'not measured',
    ),
  ]}</div>`
}

/** A key figure: its name, its value, and what is to be known of it. */
export const tile = (name: string, value: string, note: string): Html =>
  html`<div class="tile"><p class="name">${name}</p><p class="value">${value}</p><p class="note">${note}</p></div>`
