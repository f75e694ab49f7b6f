// Everything one needs to repeat the run and to trust it: settings, the load sent, what was not measured, what measuring
// cost.
import { reasonText } from '../analysis/requests/certificate.ts'
import type { Html } from '../base/html.ts'
import { describeFill } from '../onnx/inputs.ts'
import type { RunDocument } from '../run/document.ts'
import { formatNumber, formatPrefixed } from '../units/quantity.ts'
import { card, wideCard } from './card.ts'
import { gradeText, ms, pairs, quantity, table } from './text.ts'

export function loadCard(document: RunDocument): Html {
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
        ['verdict', c.valid ? 'valid: the load was the one asked for' : c.reasons.map(reasonText).join('; ')],
      ],
      'Load certificate',
    ),
  )
}

export function settings(document: RunDocument): Html {
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
              .map((input) => `${input.name} ${input.dtype} ${input.used.join('x')} (${describeFill(input.fill)})`)
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

export function unmeasured(document: RunDocument): Html | undefined {
  if (document.unmeasured.length === 0) return undefined
  return wideCard(
    'Not measured, and how to get it',
    table(
      ['what', 'why', 'remedy'],
      document.unmeasured.map((row) => [row.what, row.reason, row.remedy]),
      'Not measured',
    ),
  )
}

export function selfCard(document: RunDocument): Html {
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
