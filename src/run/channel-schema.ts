// The published form of a channel, kept in step with `channel.ts` by the compiler.
import { z } from 'zod'
import type { Channel, Scope } from './channel.ts'
import type { Same } from './same-shape.ts'

const number = z.number()
const text = z.string()

const scopes = [
  'wall',
  'system',
  'psys',
  'package',
  'core',
  'uncore',
  'dram',
  'module',
  'gpu',
  'gpu-memory',
  'host',
  'cgroup',
  'process',
  'thread',
  'zone',
] as const satisfies readonly Scope[]

const channel = z.looseObject({
  id: text,
  sensor: text,
  quantity: z.enum([
    'energy',
    'power',
    'temperature',
    'clock',
    'utilisation',
    'time',
    'bytes',
    'count',
    'memory',
    'bandwidth',
    'throttle',
    'intensity',
  ]),
  unit: z.enum(['J', 'W', 'degC', 'MHz', 'ratio', 's', 'B', 'B/s', 'g/kWh', '1']),
  kind: z.enum(['counter', 'gauge', 'average']),
  scope: z.enum(scopes),
  device: text.optional(),
  parent: text.optional(),
  group: text.optional(),
  period_ms: number.optional(),
  window_ms: number.optional(),
  grade: z.enum(['A', 'B', 'C', 'D']).optional(),
  bound: z.enum(['low', 'high']).optional(),
  systematic: number.optional(),
  check: z.boolean().optional(),
})
true satisfies Same<Channel, z.infer<typeof channel>>

export const channelSchema = channel as unknown as z.ZodType<Channel>

/** Channels as a module or a recording gives them; `undefined` when a run with them could not be read again. */
export function parseChannels(value: unknown): readonly Channel[] | undefined {
  const parsed = z.array(channel).safeParse(value)
  return parsed.success ? (parsed.data as unknown as readonly Channel[]) : undefined
}
