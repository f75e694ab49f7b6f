// The arithmetic a CPU could do by its width: cores × clock × operations a cycle. How many a cycle follows from the
// instruction set and, where cores with the same one differ, from the family and model. What is not known here has no peak.

export interface CpuIdentity {
  /** `vendor_id` of /proc/cpuinfo, or the implementer's number on Arm. */
  readonly vendor: string
  readonly family: number
  /** Model, or the part's number on Arm. */
  readonly model: number
  /** `model name`; empty where there is none. */
  readonly name: string
  readonly flags: ReadonlySet<string>
}

export interface FlopsPerCycle {
  /** float32, additions and multiplications, of one core. */
  readonly flops: number
  /** The unit that does them, for people. */
  readonly unit: string
}

/** The first processor of /proc/cpuinfo; `undefined` where the text says nothing that is understood. */
export function cpuIdentity(cpuinfo: string): CpuIdentity | undefined {
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}[ \\t]*:[ \\t]*(.*)$`, 'm').exec(cpuinfo)?.[1]?.trim()
  const flags = new Set((field('flags') ?? field('Features') ?? '').split(/\s+/).filter(Boolean))
  const name = field('model name') ?? ''
  const vendor = field('vendor_id')
  if (vendor !== undefined)
    return { vendor, family: Number(field('cpu family')), model: Number(field('model')), name, flags }
  const part = field('CPU part')
  if (part === undefined) return undefined
  return { vendor: field('CPU implementer') ?? '', family: 0, model: Number(part), name, flags }
}

/** Operations a cycle of a core in single precision; `undefined` where the core is not known well enough. */
export function float32PerCycle(cpu: CpuIdentity): FlopsPerCycle | undefined {
  if (cpu.vendor === 'GenuineIntel') return intel(cpu)
  if (cpu.vendor === 'AuthenticAMD' || cpu.vendor === 'HygonGenuine') return amd(cpu)
  return cpu.vendor === '0x41' ? armParts[cpu.model] : undefined
}

const avx512 = (units: number): FlopsPerCycle => ({
  flops: units * 16 * 2,
  unit: units === 1 ? 'one 512-bit FMA unit' : `${units} 512-bit FMA units`,
})
const avx2: FlopsPerCycle = { flops: 32, unit: 'two 256-bit FMA units' }
const avx: FlopsPerCycle = { flops: 16, unit: 'a 256-bit multiplier and adder' }
const sse: FlopsPerCycle = { flops: 8, unit: 'a 128-bit multiplier and adder' }
const narrow: FlopsPerCycle = { flops: 16, unit: 'two 128-bit FMA units' }

const fma = ({ flags }: CpuIdentity): boolean => flags.has('avx2') && flags.has('fma')

/** Skylake to Cooper Lake and Ice Lake for servers; Sapphire, Emerald, Granite Rapids. */
const skylakeServer = 0x55
const laterServers = new Set([0x6a, 0x6c, 0x8f, 0xcf, 0xad, 0xae])
/** Alder, Raptor, Meteor, Arrow, Lunar Lake: two kinds of cores, or the small kind alone. */
const hybrids = new Set([0x97, 0x9a, 0xb7, 0xba, 0xbf, 0xaa, 0xac, 0xb5, 0xc5, 0xc6, 0xbd, 0xcc])
const smallCores = new Set([0xbe, 0xaf, 0xb6])

function intel(cpu: CpuIdentity): FlopsPerCycle | undefined {
  const { family, model, name, flags } = cpu
  if (family !== 6 || hybrids.has(model)) return undefined
  if (smallCores.has(model)) return narrow
  if (flags.has('avx512f')) {
    if (laterServers.has(model)) return avx512(2)
    // Bronze, Silver and most of Gold 5xxx have one unit; a hypervisor's made-up name does not say.
    if (model === skylakeServer) return /Platinum|Gold 6|W-2|W-3/.test(name) ? avx512(2) : undefined
    return avx512(1)
  }
  if (fma(cpu)) return avx2
  return flags.has('avx') ? avx : flags.has('sse2') ? sse : undefined
}

function amd(cpu: CpuIdentity): FlopsPerCycle | undefined {
  const { family, model, flags } = cpu
  // Zen and Zen+ split 256-bit operations; Hygon's cores are theirs.
  if (family === 0x18 || (family === 0x17 && model < 0x30)) return narrow
  if (family === 0x17) return avx2
  // Zen 3, and Zen 4 with its 512-bit operations in two halves: the same a cycle.
  if (family === 0x19) return fma(cpu) ? avx2 : undefined
  // Zen 5 has full width in servers and desktops, half of it in mobile parts.
  if (family === 0x1a && flags.has('avx512f')) return model <= 0x1f || model === 0x44 ? avx512(2) : avx2
  return undefined
}

/** By part number. */
const armParts: Readonly<Record<number, FlopsPerCycle>> = {
  0xd0b: narrow,
  0xd0c: narrow,
  0xd41: narrow,
  0xd49: narrow,
  0xd40: { flops: 32, unit: 'two 256-bit SVE units' },
  0xd4f: { flops: 32, unit: 'four 128-bit SVE units' },
}
