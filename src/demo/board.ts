// What a demo run imitates: a GPU with the sensors it is documented to have, in a server that is invented. The numbers of
// each board are in `boards/`, with what is from a source and what is not; docs/demo.md tells it in words.

/** One GPU. Powers in W, temperatures in °C, clocks in MHz. */
export interface GpuModel {
  /** As NVML names it. */
  readonly name: string
  readonly driver: string
  readonly clock: {
    readonly idle: number
    /** The governor does not go below it. */
    readonly held: number
    readonly max: number
    readonly memory: number
    /** Between two clocks that the GPU can have. */
    readonly step: number
  }
  readonly power: {
    readonly limit: number
    /** Leakage at 40 °C; it grows by e every `leakageScale` °C. */
    readonly leakage: number
    readonly leakageScale: number
    /** Clock tree and what else runs with the clock, at `clock.max`. */
    readonly clocked: number
    /** While kernels run, at `clock.max`. */
    readonly busy: number
    readonly memoryIdle: number
    readonly memoryBusy: number
  }
  readonly heat: {
    /** J/K. */
    readonly die: number
    readonly sink: number
    /** W/K from die to sink, and from the sink to full airflow. */
    readonly toSink: number
    readonly toAir: number
    /** Above this the clock is lowered. */
    readonly limit: number
  }
  readonly sensor: GpuSensor
  /** Shares of their peak while kernels run, by the names GPM's metrics have here. */
  readonly activity: Readonly<Record<string, number>>
}

/** How the GPU's power sensor behaves (arXiv 2312.02741 and its artefact). */
export interface GpuSensor {
  readonly periodMs: number
  /** What an instant reading averages over. */
  readonly windowMs: number
  /** Reported = gain · true + offset, W. */
  readonly gain: number
  readonly offset: number
  /** The error that our sensor states of such a board, as a share. */
  readonly error: number
  /** Whether NVML gives the average over a second (field 185), the memory's power, and GPM. */
  readonly average: boolean
  readonly memoryPower: boolean
  readonly gpm: boolean
}

/** The load and the service it meets. Times in ms; the GPU's at its full clock. */
export interface ServiceModel {
  readonly rate: number
  readonly seconds: number
  /** On the CPU before and after the GPU's part. */
  readonly before: number
  readonly after: number
  /** Of a batch, on the GPU. */
  readonly gpu: number
}

export interface Board {
  /** As in `demo:h100`. */
  readonly name: string
  /** As people know it. */
  readonly title: string
  readonly seed: number
  readonly gpu: GpuModel
  readonly service: ServiceModel
  /** Airflow over the GPU from so many seconds after the load began, as a share of the full one. */
  readonly airflow: readonly (readonly [number, number])[]
}
