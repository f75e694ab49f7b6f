// The table against arithmetic: a datasheet's figure is units × operations a cycle × a clock the board can have.
import { expect, test } from 'vitest'
import { findGpuBoard, gpuBoards, type GpuBoard } from './gpu-boards.ts'

/** Names as NVML gives them. */
const names: readonly (readonly [string, string | undefined])[] = [
  ['NVIDIA H100 80GB HBM3', 'H100 SXM'],
  ['NVIDIA H100 PCIe', 'H100 PCIe'],
  ['NVIDIA H200', 'H200 SXM'],
  ['NVIDIA GH200 480GB', 'GH200 96GB'],
  ['NVIDIA A100-SXM4-80GB', 'A100 SXM 80GB'],
  ['NVIDIA A100-SXM4-40GB', 'A100 40GB'],
  ['NVIDIA A100 80GB PCIe', 'A100 PCIe 80GB'],
  ['NVIDIA L4', 'L4'],
  ['NVIDIA L40S', 'L40S'],
  ['NVIDIA L40', 'L40'],
  ['NVIDIA A10', 'A10'],
  ['Tesla T4', 'T4'],
  ['Tesla V100-SXM2-16GB', 'V100 SXM2'],
  ['Tesla V100S-PCIE-32GB', 'V100S PCIe'],
  ['NVIDIA GeForce RTX 4090', 'RTX 4090'],
  // Like names, other boards.
  ['NVIDIA H100 NVL', undefined],
  ['NVIDIA H200 NVL', undefined],
  ['NVIDIA A10G', undefined],
  ['NVIDIA A100X', undefined],
  ['NVIDIA GeForce RTX 4090 D', undefined],
  ['NVIDIA GeForce RTX 4090 Laptop GPU', undefined],
  ['NVIDIA L40G', undefined],
  ['Tesla T40 24GB', undefined],
  ['', undefined],
]

test.each(names)('%s is the board %s', (name, board) => {
  expect(findGpuBoard(name)?.name).toBe(board)
})

test('no two boards have a name, and each says where its figures are from', () => {
  expect(new Set(gpuBoards.map(({ name }) => name)).size).toBe(gpuBoards.length)
  for (const { source } of gpuBoards) expect(source).toMatch(/dense$/)
})

/** float32 operations of a unit in a cycle: two for each lane. */
const float32PerCycle = (board: GpuBoard): number => (/^(?:A100|A30|V100|T4)/.test(board.name) ? 128 : 256)

test.each(gpuBoards.map((board) => [board.name, board] as const))('%s: figures agree with each other', (_, board) => {
  const { teraflops: peak, units, gigabytes_per_s } = board
  const clock = (peak.float32! * 1e3) / (units * float32PerCycle(board))
  // GHz of the boost clock; a figure with sparsity, or one of another board, would leave this range.
  expect(clock).toBeGreaterThan(1.3)
  expect(clock).toBeLessThan(2.6)
  expect(gigabytes_per_s).toBeGreaterThan(250)
  expect(gigabytes_per_s).toBeLessThan(9000)
  if (peak.bfloat16 !== undefined) expect(peak.bfloat16).toBe(peak.float16)
  if (peak.tf32 !== undefined) expect(peak.float16! / peak.tf32).toBeCloseTo(2, 1)
  if (peak.float8 !== undefined) expect(peak.float8 / peak.float16!).toBeCloseTo(2, 1)
  // Consumer boards sum float16 at half speed, int8 at full.
  if (peak.int8 !== undefined) expect(peak.int8 / peak.float16!).toBeCloseTo(board.name.startsWith('RTX') ? 4 : 2, 1)
  // Tensor operations of a unit in a cycle are a power of two, at a clock near that of the float32 figure.
  const perCycle = (peak.float16! * 1e3) / (units * clock)
  const power = 2 ** Math.round(Math.log2(perCycle))
  expect(Math.abs(perCycle / power - 1)).toBeLessThan(0.1)
})
