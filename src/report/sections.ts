// The parts of the report in words and tables: verdict, key figures, findings, settings, what was not measured.
import { escape } from '../charts/svg.ts'
import type { Figure } from '../run/figure.ts'
import type { RunDocument } from '../run/document.ts'
import { formatDuration, formatNumber, formatPrefixed } from '../units/quantity.ts'
import { gradeText, ms, msRange, pairs, quantity, table } from './text.ts'

const card = (title: string, ...content: readonly string[]): string =>
  `<section class="card"><h2>${escape(title)}</h2>${content.join('')}</section>`

/** A card as wide as the page, for tables of many columns. */
const wideCard = (title: string, ...content: readonly string[]): string =>
  card(title, ...content).replace('class="card"', 'class="card wide"')

/** The answer first: do the rules hold, and can the run be trusted? */
export function verdict(document: RunDocument): string {
  const { sla, load_certificate: certificate, state } = document
  const failed = sla.filter((rule) => rule.verdict === 'fail').length
  const unsure = sla.filter((rule) => rule.verdict === 'unsure').length
  const critical = document.findings.find((finding) => finding.severity === 'critical')
  const [level, word] =
    state === 'failed'
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
  const rules =
    sla.length === 0
      ? ''
      : table(
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
        )
  return `<section class="verdict ${level}" aria-label="Verdict"><p class="word">${escape(word!)}</p>${parts.map((part) => `<p>${escape(part)}</p>`).join('')}</section>${rules === '' ? '' : `<div class="grid">${wideCard('Rules', rules)}</div>`}`
}

export function tiles(document: RunDocument): string {
  const { latency_ms: latency, throughput, energy, cold_start: cold } = document
  const tile = (name: string, value: string, note: string): string =>
    `<div class="tile"><p class="name">${escape(name)}</p><p class="value">${escape(value)}</p><p class="note">${escape(note)}</p></div>`
  return `<div class="tiles">${[
    tile('p50', ms(latency.p50.value), msRange(latency.p50)),
    tile('p99', ms(latency.p99.value), latency.p99.caution ? 'too few samples' : msRange(latency.p99)),
    tile('largest', ms(latency.max?.value), latency.max ? `at ${formatDuration(latency.max.at_s * 1e9)}` : ''),
    tile('throughput', `${formatNumber(throughput.inferences_per_s)}/s`, 'inferences a second'),
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
  ].join('')}</div>`
}

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

export function series(document: RunDocument): string {
  const rows = (
    [
      ['response time', document.latency_ms],
      ['service time', document.service_ms],
      ['queue wait', document.queue_wait_ms],
      ['send delay (ours)', document.send_delay_ms],
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
    ms(s.mean),
    ms(s.jitter),
    ms(s.spread),
  ])
  const cautions = [document.latency_ms.p99, document.latency_ms.p99_9, document.latency_ms.p99_99].flatMap(
    (figure) => figure.caution ?? [],
  )
  return wideCard(
    'The four series',
    table(['', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'max', 'mean', 'jitter', 'spread'], rows, 'Latency series'),
    `<p class="soft">Response time counts from the planned send time${document.load.mode === 'closed' ? ' (in closed loop: the previous completion)' : ''}. Jitter is the mean change from request to request; spread is p99 − p50. ${escape(cautions.join('. '))}</p>`,
  )
}

export function energyCard(document: RunDocument): string {
  const { power, energy } = document
  const rows = (
    [
      ['system power', power.system_w],
      ['CPU power', power.cpu_w],
      ['GPU power', power.gpu_w],
      ['energy of the window', energy.total_j],
      ['energy per inference', energy.per_inference_j],
      ['inferences per joule', energy.inferences_per_watt],
      ['FLOP/s per watt', energy.flops_per_watt],
      ['carbon', energy.carbon_g],
      ...asked('carbon per inference, embodied share included (SCI)', energy.sci?.per_inference_g),
      ...asked('cost of a million inferences', energy.cost?.per_million),
      ...asked('energy-delay product', energy.energy_delay_product_js),
    ] as const
  ).map(([name, figure]) => [
    name,
    figure ? quantity(figure) : 'not measured',
    figure && figure.value !== null && figure.low !== null && figure.high !== null
      ? `${quantity({ ...figure, value: figure.low })} … ${quantity({ ...figure, value: figure.high })}`
      : '',
    gradeText(figure),
    figure ? [figure.scope, figure.basis, figure.source].filter(Boolean).join(', ') : '',
  ])
  return wideCard(
    'Power and energy',
    table(['', 'value', '95 % interval', 'grade', 'scope and source'], rows, 'Power and energy'),
  )
}

/** A row only where there is a figure. */
const asked = (name: string, figure: Figure | null | undefined): readonly (readonly [string, Figure])[] =>
  figure ? [[name, figure]] : []

export function utilisationCard(document: RunDocument): string {
  const u = document.utilisation
  if (!u) return ''
  return card(
    'Utilisation',
    pairs(
      [
        ['CPUs used by the target', quantity(u.cpu_cores)],
        ['host busy', quantity(u.host_busy)],
        ['stolen by other guests', quantity(u.steal)],
        ['quota periods throttled', u.throttled ? quantity(u.throttled) : 'no quota counted'],
        ['largest memory of the target', u.peak_memory_bytes === null ? '–' : formatPrefixed(u.peak_memory_bytes, 'B')],
      ],
      'Utilisation',
    ),
  )
}

export function loadCard(document: RunDocument): string {
  const c = document.load_certificate
  const { load } = document
  return card(
    'Load certificate',
    pairs(
      [
        [
          'load',
          load.mode === 'closed'
            ? `closed loop, ${load.concurrency} outstanding`
            : `open loop, ${load.arrivals}, at most ${load.concurrency} outstanding`,
        ],
        ['asked', c.asked_per_s === null ? 'as fast as it answers' : `${formatNumber(c.asked_per_s)}/s`],
        ['achieved', `${formatNumber(c.achieved_per_s)}/s`],
        [
          'send delay',
          `p50 ${ms(c.send_delay_ms.p50)}, p99 ${ms(c.send_delay_ms.p99)}, max ${ms(c.send_delay_ms.max)}`,
        ],
        [
          'arrivals',
          c.arrivals
            ? `variation ${formatNumber(c.arrivals.cv)}, correlation ${formatNumber(c.arrivals.lag1, 2)}, dispersion ${formatNumber(c.arrivals.dispersion)}`
            : 'closed loop',
        ],
        ['verdict', c.valid ? 'valid: the load was the one asked for' : c.reasons.join('; ')],
      ],
      'Load certificate',
    ),
  )
}

export function settings(document: RunDocument): string {
  const { target, host, tool, load } = document
  const { model } = target
  const rows: (readonly [string, string])[] = [
    ['target', `${target.name} (${target.kind})`],
    ...(target.engine
      ? ([['engine', `${target.engine.name} ${target.engine.version}, ${target.engine.provider}`]] as const)
      : []),
    ...(target.engine && Object.keys(target.engine.options).length > 0
      ? ([
          [
            'engine options',
            Object.entries(target.engine.options)
              .map(([k, v]) => `${k} ${v}`)
              .join(', '),
          ],
        ] as const)
      : []),
    ['instances, threads, batch', `${target.instances}, ${target.threads ?? 'engine’s default'}, ${target.batch}`],
    ...(model
      ? ([
          [
            'model',
            `${formatPrefixed(model.parameters, '')} parameters, ${formatPrefixed(model.bytes, 'B')}, opset ${model.opset}, ${model.nodes} nodes`,
          ],
          [
            'cost of an inference',
            model.macs === null
              ? `not known: ${model.macs_unknown ?? ''}`
              : `${formatPrefixed(model.macs, 'MACs')}, ${formatPrefixed(model.flops!, 'FLOPs')}`,
          ],
          [
            'inputs',
            model.inputs
              .map((input) => `${input.name} ${input.dtype} ${input.used.join('x')} (${input.fill})`)
              .join('; '),
          ],
        ] as const)
      : []),
    [
      'stopped',
      [
        load.for_s === null ? '' : `after ${load.for_s} s`,
        load.requests === null ? '' : `after ${load.requests} requests`,
        load.until ? `when ${load.until}` : '',
      ]
        .filter(Boolean)
        .join(', or '),
    ],
    ['seed', String(load.seed)],
    [
      'host',
      `${host.cpu_model}, ${host.cpus_logical} CPUs (${host.cpus_allowed} usable${host.cpu_quota === null ? '' : `, quota ${host.cpu_quota}`}), ${formatPrefixed(host.memory_bytes, 'B')}`,
    ],
    [
      'system',
      `${host.os}, Linux ${host.kernel}${host.virtualisation ? `, virtual machine (${host.virtualisation})` : ''}${host.container ? ', in a container' : ''}`,
    ],
    ['clock', `${host.clock.id}, ${host.clock.read_ns} ns a reading`],
    ['tailwatt', `${tool.version} on Node ${tool.node}`],
    ...(tool.command ? ([['command', `tailwatt ${tool.command.join(' ')}`]] as const) : []),
    ['run', document.id],
  ]
  return card('Target, host and settings', pairs(rows, 'Settings'))
}

export function unmeasured(document: RunDocument): string {
  if (document.unmeasured.length === 0) return ''
  return wideCard(
    'Not measured, and how to get it',
    table(
      ['what', 'why', 'remedy'],
      document.unmeasured.map((row) => [row.what, row.reason, row.remedy]),
      'Not measured',
    ),
  )
}

export function selfCard(document: RunDocument): string {
  const { self } = document
  return card(
    'What measuring cost',
    pairs(
      [
        ['CPU of tailwatt', self.cpu_percent === null ? '–' : `${formatNumber(self.cpu_percent, 2)} % of one CPU`],
        ['of it spinning', self.spin_percent === null ? '–' : `${formatNumber(self.spin_percent, 2)} %`],
        [
          'gaps between readings',
          self.sample_gap_ms
            ? `p50 ${ms(self.sample_gap_ms.p50)}, p99 ${ms(self.sample_gap_ms.p99)}, max ${ms(self.sample_gap_ms.max)}`
            : '–',
        ],
        ['rows stored after', self.drain_lag_ms ? `p99 ${ms(self.drain_lag_ms.p99)}` : '–'],
        ['power of tailwatt', self.watts ? `${quantity(self.watts)} (${gradeText(self.watts)})` : '–'],
      ],
      'Cost of measuring',
    ),
  )
}

export function repeatsCard(document: RunDocument): string {
  const { repeats } = document
  if (!repeats) return ''
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
