// NVIDIA A100 PCIe 40 GB: a board without GPM and without the average over a second. From sources: power limit 250 W, clocks
// 1410 and 1215 MHz (product brief PB-10137-001); instant power over 25 of each 102 to 104 ms, gain 0.954 and offset −1.2 W
// against a reference meter (arXiv 2312.02741, artefact); fields (nvml.h). Invented: the rest, as for the H100.
import type { Board } from '../board.ts'

export const a100: Board = {
  name: 'a100',
  title: 'NVIDIA A100 PCIe 40 GB',
  seed: 20_200_514,
  gpu: {
    name: 'NVIDIA A100-PCIE-40GB',
    driver: '550.90.07',
    clock: { idle: 765, held: 975, max: 1410, memory: 1215, step: 15 },
    power: {
      limit: 250,
      leakage: 14,
      leakageScale: 45,
      clocked: 22,
      busy: 142,
      memoryIdle: 11,
      memoryBusy: 30,
    },
    heat: { die: 32, sink: 100, toSink: 12, toAir: 8, limit: 67 },
    sensor: {
      periodMs: 102.6,
      windowMs: 25,
      gain: 0.954,
      offset: -1.2,
      error: 0.06,
      average: false,
      memoryPower: false,
      gpm: false,
    },
    activity: { 'dram-utilization': 0.42 },
  },
  service: { rate: 92, seconds: 60, before: 0.5, after: 0.5, gpu: 6.1 },
  airflow: [
    [0, 1],
    [18, 0.12],
    [32, 0.7],
    [42, 1],
  ],
}
