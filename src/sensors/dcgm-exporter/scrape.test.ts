import { expect, test } from 'vitest'
import { parseExposition } from './exposition.ts'
import { readScrape } from './scrape.ts'

// As dcgm-exporter's README shows it, with more fields; the memory temperature is DCGM's mark for "not known".
const old = `# HELP DCGM_FI_DEV_SM_CLOCK SM clock frequency (in MHz).
# TYPE DCGM_FI_DEV_SM_CLOCK gauge
DCGM_FI_DEV_SM_CLOCK{gpu="0", UUID="GPU-604ac76c", device="nvidia0", modelName="NVIDIA A100-SXM4-80GB", Hostname="n1"} 1410
DCGM_FI_DEV_MEMORY_TEMP{gpu="0", UUID="GPU-604ac76c"} 9223372036854775794
DCGM_FI_DEV_GPU_TEMP{gpu="0", UUID="GPU-604ac76c"} 61
DCGM_FI_DEV_POWER_USAGE{gpu="0", UUID="GPU-604ac76c"} 251.5
DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="0", UUID="GPU-604ac76c"} 1234567
DCGM_FI_DEV_GPU_UTIL{gpu="0", UUID="GPU-604ac76c"} 87
DCGM_FI_DEV_POWER_VIOLATION{gpu="0", UUID="GPU-604ac76c"} 2500000000
DCGM_FI_PROF_SM_ACTIVE{gpu="0", UUID="GPU-604ac76c"} 0.81
DCGM_FI_PROF_SM_OCCUPANCY{gpu="0", UUID="GPU-604ac76c"} 0.4
DCGM_FI_PROF_PIPE_TENSOR_ACTIVE{gpu="0", UUID="GPU-604ac76c"} 0.33
DCGM_FI_PROF_DRAM_ACTIVE{gpu="0", UUID="GPU-604ac76c"} 0.5
DCGM_FI_PROF_PCIE_TX_BYTES{gpu="0", UUID="GPU-604ac76c"} 1.2e9
DCGM_FI_PROF_NVLINK_RX_BYTES{gpu="0", UUID="GPU-604ac76c"} 140737488355328
`

test('the fields of the exporter become channels in our units; what DCGM does not know is left out', () => {
  const { devices, values } = readScrape(old)
  expect(devices.map(({ uuid, board }) => [uuid, board])).toEqual([['GPU-604ac76c', 'NVIDIA A100-SXM4-80GB']])
  expect(Object.fromEntries(values)).toEqual({
    'GPU-604ac76c/energy': 1234.567,
    'GPU-604ac76c/power': 251.5,
    'GPU-604ac76c/temperature': 61,
    'GPU-604ac76c/clock-sm': 1410,
    'GPU-604ac76c/utilization': 0.87,
    'GPU-604ac76c/sm-utilization': 0.81,
    'GPU-604ac76c/sm-occupancy': 0.4,
    'GPU-604ac76c/tensor': 0.33,
    'GPU-604ac76c/dram-utilization': 0.5,
    'GPU-604ac76c/pcie-tx-rate': 1.2e9,
    'GPU-604ac76c/throttle-power': 2.5,
  })
})

test('the names of DCGM 4.6 give the same channels', () => {
  const renamed = old
    .replace('DEV_GPU_TEMP{', 'DEV_GPU_TEMP_CELSIUS{')
    .replace('DEV_POWER_USAGE{', 'DEV_BOARD_POWER_WATTS{')
    .replace('DEV_GPU_UTIL{', 'DEV_GPU_UTIL_RATIO{')
    .replace('PROF_SM_ACTIVE{', 'PROF_SM_UTIL_RATIO{')
    .replace('PROF_SM_OCCUPANCY{', 'PROF_SM_OCCUPANCY_RATIO{')
    .replace('PROF_PIPE_TENSOR_ACTIVE{', 'PROF_TENSOR_UTIL_RATIO{')
    .replace('PROF_DRAM_ACTIVE{', 'PROF_DRAM_UTIL_RATIO{')
  expect(renamed).not.toBe(old)
  expect(readScrape(renamed)).toEqual(readScrape(old))
})

test('instant power goes before the average; containers and MIG instances count no GPU twice', () => {
  const text = `DCGM_FI_DEV_POWER_USAGE{UUID="GPU-a"} 250
DCGM_FI_DEV_POWER_USAGE_INSTANT{UUID="GPU-a"} 300
DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{UUID="GPU-a",pod="one"} 1000
DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{UUID="GPU-a",pod="two"} 1000
DCGM_FI_PROF_SM_ACTIVE{UUID="GPU-a",GPU_I_ID="3",GPU_I_PROFILE="1g.10gb"} 0.9
`
  const { devices, values } = readScrape(text)
  expect(Object.fromEntries(values)).toEqual({ 'GPU-a/energy': 1, 'GPU-a/power': 300 })
  expect(devices[0]!.fields.map(({ what, shape }) => `${what} ${shape.kind}`)).toEqual([
    'energy counter',
    'power gauge',
  ])
})

test('labels with quotes, commas and braces; negative, NaN and broken lines', () => {
  expect(parseExposition(String.raw`X_a{m="a \"b\", {c}",u="1"} 5 1700000000000`, 'X_')).toEqual([
    { name: 'X_a', labels: { m: 'a "b", {c}', u: '1' }, value: 5 },
  ])
  expect(parseExposition('X_b 7\nX_c{broken 1\nX_d{a="b"}\nother 1\n', 'X_')).toEqual([
    { name: 'X_b', labels: {}, value: 7 },
  ])
  const bad = ['-5', 'NaN', '+Inf', 'N/A', ''].map((value) => `DCGM_FI_DEV_GPU_TEMP{UUID="GPU-a"} ${value}`).join('\n')
  expect(readScrape(bad).devices).toEqual([])
  expect(readScrape('DCGM_FI_DEV_GPU_TEMP{gpu="0"} 50').devices).toEqual([])
})
