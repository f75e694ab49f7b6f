// What makers' datasheets say their boards reach at most: dense arithmetic (figures "with sparsity" halved) and memory
// bandwidth. A board is known by the name its driver gives it; one that is not in the table has no peak, not a guessed one.
import type { Precision } from '../run/manifest.ts'

export interface GpuBoard {
  readonly name: string
  /** Of the driver's name; the first that matches counts. */
  readonly pattern: RegExp
  /** Units that carry out matrix arithmetic (streaming multiprocessors, compute units), for the check of the table. */
  readonly units: number
  /** Dense, 10¹² FLOP/s (for int8: operations). `float32` outside the tensor cores; `float16` with float32 sums. */
  readonly teraflops: Readonly<Partial<Record<Precision, number>>>
  readonly gigabytes_per_s: number
  readonly source: string
}

const nvidia = (what: string): string => `NVIDIA ${what}, dense`

export const gpuBoards: readonly GpuBoard[] = [
  {
    name: 'GH200 96GB',
    pattern: /\bGH200 480GB$/,
    units: 132,
    teraflops: { float32: 67, tf32: 494.5, float16: 989.5, bfloat16: 989.5, float8: 1979, int8: 1979 },
    gigabytes_per_s: 4000,
    source: nvidia('GH200 datasheet'),
  },
  {
    name: 'H200 SXM',
    pattern: /\bH200$/,
    units: 132,
    teraflops: { float32: 67, tf32: 494.5, float16: 989.5, bfloat16: 989.5, float8: 1979, int8: 1979 },
    gigabytes_per_s: 4800,
    source: nvidia('H200 datasheet'),
  },
  {
    name: 'H100 PCIe',
    pattern: /\bH100 PCIe\b/,
    units: 114,
    teraflops: { float32: 51, tf32: 378, float16: 756.5, bfloat16: 756.5, float8: 1513, int8: 1513 },
    gigabytes_per_s: 2000,
    source: nvidia('H100 datasheet'),
  },
  {
    name: 'H100 SXM',
    pattern: /\bH100 80GB HBM3\b/,
    units: 132,
    teraflops: { float32: 67, tf32: 494.5, float16: 989.5, bfloat16: 989.5, float8: 1979, int8: 1979 },
    gigabytes_per_s: 3350,
    source: nvidia('H100 datasheet'),
  },
  {
    name: 'A100 SXM 80GB',
    pattern: /\bA100-SXM4-80GB\b/,
    units: 108,
    teraflops: { float32: 19.5, tf32: 156, float16: 312, bfloat16: 312, int8: 624 },
    gigabytes_per_s: 2039,
    source: nvidia('A100 datasheet'),
  },
  {
    name: 'A100 PCIe 80GB',
    pattern: /\bA100 80GB PCIe\b/,
    units: 108,
    teraflops: { float32: 19.5, tf32: 156, float16: 312, bfloat16: 312, int8: 624 },
    gigabytes_per_s: 1935,
    source: nvidia('A100 datasheet'),
  },
  {
    name: 'A100 40GB',
    pattern: /\bA100-(?:SXM4|PCIE)-40GB\b/,
    units: 108,
    teraflops: { float32: 19.5, tf32: 156, float16: 312, bfloat16: 312, int8: 624 },
    gigabytes_per_s: 1555,
    source: nvidia('A100 datasheet'),
  },
  {
    name: 'A30',
    pattern: /\bA30\b/,
    units: 56,
    teraflops: { float32: 10.3, tf32: 82, float16: 165, bfloat16: 165, int8: 330 },
    gigabytes_per_s: 933,
    source: nvidia('A30 datasheet'),
  },
  {
    name: 'A40',
    pattern: /\bA40\b/,
    units: 84,
    teraflops: { float32: 37.4, tf32: 74.8, float16: 149.7, bfloat16: 149.7, int8: 299.3 },
    gigabytes_per_s: 696,
    source: nvidia('A40 datasheet'),
  },
  {
    name: 'A10',
    pattern: /\bA10\b/,
    units: 72,
    teraflops: { float32: 31.2, tf32: 62.5, float16: 125, bfloat16: 125, int8: 250 },
    gigabytes_per_s: 600,
    source: nvidia('A10 datasheet'),
  },
  {
    name: 'L40S',
    pattern: /\bL40S\b/,
    units: 142,
    teraflops: { float32: 91.6, tf32: 183, float16: 362, bfloat16: 362, float8: 733, int8: 733 },
    gigabytes_per_s: 864,
    source: nvidia('L40S datasheet'),
  },
  {
    name: 'L40',
    pattern: /\bL40\b/,
    units: 142,
    teraflops: { float32: 90.5, tf32: 90.5, float16: 181, bfloat16: 181, float8: 362, int8: 362 },
    gigabytes_per_s: 864,
    source: nvidia('L40 datasheet'),
  },
  {
    name: 'L4',
    pattern: /\bL4\b/,
    units: 58,
    teraflops: { float32: 30.3, tf32: 60, float16: 121, bfloat16: 121, float8: 242.5, int8: 242.5 },
    gigabytes_per_s: 300,
    source: nvidia('L4 datasheet'),
  },
  {
    name: 'T4',
    pattern: /\bTesla T4$/,
    units: 40,
    teraflops: { float32: 8.1, float16: 65, int8: 130 },
    gigabytes_per_s: 320,
    source: nvidia('T4 datasheet'),
  },
  {
    name: 'V100S PCIe',
    pattern: /\bV100S-PCIE\b/,
    units: 80,
    teraflops: { float32: 16.4, float16: 130 },
    gigabytes_per_s: 1134,
    source: nvidia('V100 datasheet'),
  },
  {
    name: 'V100 PCIe',
    pattern: /\bV100-PCIE\b/,
    units: 80,
    teraflops: { float32: 14, float16: 112 },
    gigabytes_per_s: 900,
    source: nvidia('V100 datasheet'),
  },
  {
    name: 'V100 SXM2',
    pattern: /\bV100-SXM2\b/,
    units: 80,
    teraflops: { float32: 15.7, float16: 125 },
    gigabytes_per_s: 900,
    source: nvidia('V100 datasheet'),
  },
  {
    name: 'RTX 4090',
    pattern: /\bRTX 4090$/,
    units: 128,
    teraflops: { float32: 82.6, tf32: 82.6, float16: 165.2, bfloat16: 165.2, float8: 330.3, int8: 660.6 },
    gigabytes_per_s: 1008,
    source: nvidia('Ada GPU architecture white paper'),
  },
  {
    name: 'RTX 3090',
    pattern: /\bRTX 3090$/,
    units: 82,
    teraflops: { float32: 35.6, tf32: 35.6, float16: 71, bfloat16: 71, int8: 284 },
    gigabytes_per_s: 936,
    source: nvidia('GA102 GPU architecture white paper'),
  },
  {
    name: 'MI300X',
    pattern: /\bMI300X\b/,
    units: 304,
    teraflops: { float32: 163.4, tf32: 653.7, float16: 1307.4, bfloat16: 1307.4, float8: 2614.9, int8: 2614.9 },
    gigabytes_per_s: 5300,
    source: 'AMD Instinct MI300X datasheet, dense',
  },
]

/** `undefined` for a board that is not in the table, and for one that is sold under a like name (`A10G`, `RTX 4090 D`). */
export const findGpuBoard = (name: string): GpuBoard | undefined =>
  gpuBoards.find(({ pattern }) => pattern.test(name.trim()))
