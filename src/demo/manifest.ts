// The facts of a demo run: all of the host is invented, and the manifest says that the run is synthetic.
import { Random } from '../base/random.ts'
import type { HostFacts, Manifest, ToolFacts } from '../run/manifest.ts'
import type { Board } from './board.ts'
import { gpuDevice } from './channels.ts'
import { epochWallMs } from './events.ts'
import type { Readings } from './samples.ts'
import { target } from './target.ts'
import type { Truth } from './truth.ts'
import { ownId } from '../run/recording.ts'

export function manifestOf(board: Board, truth: Truth, readings: Readings, tool: ToolFacts): Manifest {
  return {
    schema: 'tailwatt.run/2',
    id: idOf(board.seed),
    name: `demo-${board.name}`,
    state: 'complete',
    started_at: new Date(epochWallMs).toISOString(),
    tool,
    host: hostOf(board),
    target,
    load: {
      mode: 'open',
      concurrency: 1024,
      rate_per_s: board.service.rate,
      arrivals: 'poisson',
      pacing: 'sleep',
      seed: board.seed,
      for_s: board.service.seconds,
      requests: null,
      until: null,
      max_errors: 0.01,
      timeout_ms: null,
    },
    recordings: [
      {
        id: ownId,
        source: 'synthetic',
        clock: { id: 'synthetic', offset_ns: 0, uncertainty_ns: 0, epoch_wall_ms: epochWallMs },
        from: truth.schedule.loadFrom,
        to: truth.loadTo,
      },
    ],
    channels: readings.channels,
    sla: ['p99<30ms', 'energy_per_inference<150mJ'],
    allow_estimates: false,
    include_warmup: false,
    energy_context: { region: 'DEU', pue: 1.2 },
    unmeasured: board.gpu.sensor.gpm
      ? []
      : [
          {
            what: 'gpu_activity',
            reason: 'gpm: no GPU here has GPM: it needs Hopper or later',
            remedy: 'measure with dcgm-exporter: --sensors +dcgm:http://HOST:9400',
          },
        ],
    synthetic: {
      board: board.title,
      note: 'Nothing here was measured: the sensors behave as those of the board are documented to; the server, its load and its heat are invented (docs/demo.md).',
    },
  }
}

const hostOf = (board: Board): HostFacts => ({
  os: 'synthetic Linux',
  kernel: '6.8.0',
  arch: 'x64',
  cpu_model: 'synthetic two-socket server, 112 cores',
  cpus_logical: 224,
  cpus_physical: 112,
  memory_bytes: 2 ** 40,
  cpu_quota: null,
  cpus_allowed: 224,
  virtualisation: null,
  container: false,
  governor: 'performance',
  clock: { id: 'synthetic', read_ns: 30 },
  gpus: [{ name: `${board.gpu.name} (synthetic)`, uuid: gpuDevice(board), driver: board.gpu.driver }],
})

/** Of the seed, so that the same demo is the same run. */
function idOf(seed: number): string {
  const random = new Random(seed + 5)
  return Array.from({ length: 4 }, () => random.next32().toString(16).padStart(8, '0')).join('')
}
