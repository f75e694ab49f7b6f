// When what happens in a demo run, ns since its epoch: as a measurement with `--idle 20s --cold 3` would have gone.
const second = 1e9
const idle = 20 * second

export interface Span {
  readonly from: number
  readonly to: number
}

/** Process start, engine and model read, session created, first inference: ms of each trial, invented. */
export interface ColdTrial {
  readonly at: number
  readonly process: number
  readonly load: number
  readonly session: number
  readonly first: number
}

export interface Schedule {
  readonly begin: number
  readonly characterise: Span
  readonly idleBefore: Span
  readonly trials: readonly ColdTrial[]
  readonly loadFrom: number
  /** Of the load's arrivals. */
  readonly loadFor: number
  /** Between the last answer and the second idle phase. */
  readonly settle: number
  readonly idle: number
  /** After everything. */
  readonly tail: number
}

export const trialEnd = ({ at, process, load, session, first }: ColdTrial): number =>
  at + (process + load + session + first) * 1e6

export function scheduleOf(seconds: number): Schedule {
  const characterise = { from: 0.6 * second, to: 2.6 * second }
  const idleBefore = { from: characterise.to, to: characterise.to + idle }
  const times = [
    { process: 168, load: 912, session: 2381, first: 341 },
    { process: 159, load: 884, session: 2310, first: 322 },
    { process: 163, load: 897, session: 2352, first: 330 },
  ]
  let at = idleBefore.to + 0.05 * second
  const trials = times.map((times) => {
    const trial = { at, ...times }
    at = trialEnd(trial) + 0.2 * second
    return trial
  })
  return {
    begin: 0.4 * second,
    characterise,
    idleBefore,
    trials,
    loadFrom: at,
    loadFor: seconds * second,
    settle: 0.5 * second,
    idle,
    tail: 0.3 * second,
  }
}
