// The latency series as tables.
import { html, type Html } from '../base/html.ts'
import { cautionText } from '../run/caution.ts'
import type { RunDocument } from '../run/document.ts'
import { formatNumber } from '../units/quantity.ts'
import { card, wideCard } from './card.ts'
import { ms, msRange, table } from './text.ts'

export function series(document: RunDocument): Html {
  const rows = (
    [
      ['response time', document.latency_ms],
      ['service time', document.service_ms],
      ['queue wait', document.queue_wait_ms],
      ['send delay (ours)', document.send_delay_ms],
      ...(document.seen_late_ms ? ([['seen late (ours, in none of the others)', document.seen_late_ms]] as const) : []),
      ...(document.binding_ms ? ([['binding', document.binding_ms]] as const) : []),
    ] as const
  ).map(([name, s]) => [
    name,
    ms(s.p50.value),
    ms(s.p90.value),
    ms(s.p95.value),
    ms(s.p99.value),
    ms(s.p99_9.value),
    ms(s.max?.value),
    ms(s.mean.value),
    ms(s.jitter.value),
    ms(s.spread.value),
  ])
  const cautions = [document.latency_ms.p99, document.latency_ms.p99_9, document.latency_ms.p99_99].flatMap(
    (figure) => cautionText(figure) ?? [],
  )
  return wideCard(
    'The series',
    table(['', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'max', 'mean', 'jitter', 'spread'], rows, 'Latency series'),
    html`<p class="soft">Response time counts from the planned send time${document.load.mode === 'closed' ? ' (in closed loop: the previous completion)' : ''}. Jitter is the mean change from request to request; spread is p99 − p50. ${cautions.join('. ')}</p>`,
  )
}

export function repeatsCard(document: RunDocument): Html | undefined {
  const { repeats } = document
  if (!repeats) return undefined
  const rows = (['p50', 'p90', 'p95', 'p99', 'p99_9'] as const).map((key) => [
    key.replace('_', '.'),
    ms(repeats.latency_ms[key].value),
    msRange(repeats.latency_ms[key]),
  ])
  return card(
    `Between ${repeats.runs.length} runs`,
    table(
      ['', 'all runs', '95 % interval between runs'],
      [
        ...rows,
        [
          'inferences/s',
          formatNumber(repeats.inferences_per_s.value!),
          repeats.inferences_per_s.low === null
            ? '–'
            : `${formatNumber(repeats.inferences_per_s.low)} … ${formatNumber(repeats.inferences_per_s.high!)}`,
        ],
      ],
      'Between runs',
    ),
  )
}
