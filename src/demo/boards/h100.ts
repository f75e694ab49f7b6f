// NVIDIA H100 PCIe 80 GB. From sources: power limit 350 W, clocks 1755 and 1593 MHz, passive heat sink that needs the
// chassis' airflow (product brief PB-11133-001); instant power over 21 to 23 of each 99 to 101 ms (arXiv 2312.02741,
// artefact); fields and metrics (nvml.h). Invented: how power splits, heat, the gain within the ±5 % that such sensors show,
// activities, the service and its load.
import type { Board } from '../board.ts'

export const h100: Board = {
  name: 'h100',
  title: 'NVIDIA H100 PCIe 80 GB',
  seed: 20_240_100,
  gpu: {
    name: 'NVIDIA H100 PCIe',
    driver: '550.90.07',
    clock: { idle: 345, held: 1185, max: 1755, memory: 1593, step: 15 },
    power: {
      limit: 350,
      leakage: 21,
      leakageScale: 45,
      clocked: 28,
      busy: 205,
      memoryIdle: 14,
      memoryBusy: 38,
    },
    heat: { die: 35, sink: 110, toSink: 14, toAir: 9.5, limit: 76 },
    sensor: {
      periodMs: 100.3,
      windowMs: 22,
      gain: 0.982,
      offset: 0,
      error: 0.05,
      average: true,
      memoryPower: true,
      gpm: true,
    },
    activity: {
      graphics: 0.99,
      'sm-utilization': 0.94,
      'sm-occupancy': 0.41,
      integer: 0.19,
      tensor: 0.33,
      hmma: 0.33,
      dmma: 0,
      imma: 0,
      'dram-utilization': 0.37,
      fp64: 0,
      fp32: 0.12,
      fp16: 0.07,
    },
  },
  service: { rate: 170, seconds: 60, before: 0.5, after: 0.4, gpu: 3.1 },
  airflow: [
    [0, 1],
    [18, 0.12],
    [32, 0.7],
    [42, 1],
  ],
}
