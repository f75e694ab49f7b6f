import { expect, test } from 'vitest'
import { cpuIdentity, float32PerCycle } from './cpu-peak.ts'

const cpuinfo = (vendor: string, family: number, model: number, name: string, flags: string): string =>
  `processor\t: 0\nvendor_id\t: ${vendor}\ncpu family\t: ${family}\nmodel\t\t: ${model}\nmodel name\t: ${name}\nflags\t\t: ${flags}\n\nprocessor\t: 1\n`
const arm = (part: string): string =>
  `processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\nCPU part\t: ${part}\n`
const all = 'fpu sse2 avx avx2 fma avx512f'

const known: readonly (readonly [string, number | undefined])[] = [
  [cpuinfo('AuthenticAMD', 25, 17, 'AMD EPYC 9654', all), 32],
  [cpuinfo('AuthenticAMD', 25, 1, 'AMD EPYC 7763', 'sse2 avx avx2 fma'), 32],
  [cpuinfo('AuthenticAMD', 23, 1, 'AMD EPYC 7601', 'sse2 avx avx2 fma'), 16],
  [cpuinfo('AuthenticAMD', 23, 49, 'AMD EPYC 7742', 'sse2 avx avx2 fma'), 32],
  [cpuinfo('AuthenticAMD', 26, 2, 'AMD EPYC 9965', all), 64],
  [cpuinfo('AuthenticAMD', 26, 36, 'AMD Ryzen AI 9', all), 32],
  [cpuinfo('GenuineIntel', 6, 143, 'Intel(R) Xeon(R) Platinum 8480+', all), 64],
  [cpuinfo('GenuineIntel', 6, 85, 'Intel(R) Xeon(R) Gold 6148 CPU', all), 64],
  [cpuinfo('GenuineIntel', 6, 85, 'Intel(R) Xeon(R) Silver 4110 CPU', all), undefined],
  [cpuinfo('GenuineIntel', 6, 85, 'Intel Xeon Processor (Skylake)', all), undefined],
  [cpuinfo('GenuineIntel', 6, 140, '11th Gen Intel(R) Core(TM)', all), 32],
  [cpuinfo('GenuineIntel', 6, 158, 'Intel(R) Core(TM) i7-8700K', 'sse2 avx avx2 fma'), 32],
  [cpuinfo('GenuineIntel', 6, 42, 'Intel(R) Core(TM) i7-2600K', 'sse2 avx'), 16],
  [cpuinfo('GenuineIntel', 6, 151, '12th Gen Intel(R) Core(TM)', 'sse2 avx avx2 fma'), undefined],
  [cpuinfo('GenuineIntel', 6, 190, 'Intel(R) N100', 'sse2 avx avx2 fma'), 16],
  [arm('0xd0c'), 16],
  [arm('0xd4f'), 32],
  [arm('0xfff'), undefined],
]

test.each(known)('operations a cycle: %s', (text, flops) => {
  expect(float32PerCycle(cpuIdentity(text)!)?.flops).toBe(flops)
})

test('a text that says nothing is no processor', () => {
  for (const text of ['', 'garbage\n:::', 'vendor_id\n']) expect(cpuIdentity(text)).toBeUndefined()
  expect(float32PerCycle(cpuIdentity('vendor_id: ?\nflags: N/A')!)).toBeUndefined()
})
