// What can be profiled. A target is named by a cloneable spec and opened in the load host's threads; blocking targets
// hold their thread during a request, async ones do not. A new target is one folder and one line in `catalog.ts`.
import type { TargetFacts } from '../run/manifest.ts'

/** Cloneable: crosses into the load host and its threads. `kind` is a catalog name or a module path. */
export interface TargetSpec {
  readonly kind: string
  readonly options: Readonly<Record<string, unknown>>
}

/** What preparing told us; `timings` feed the cold start (ms). */
export interface TargetInfo {
  readonly facts: Partial<TargetFacts>
  readonly timings: { readonly load_ms: number; readonly session_ms: number }
}

/** What the request carries: its id in send order (inputs are drawn from it and the seed) and how many samples. */
export interface BatchView {
  readonly id: number
  readonly size: number
}

export type RequestView = BatchView

/** Reused between requests by its thread: fill, do not keep. */
export interface Outcome {
  /** 0 = ok, an HTTP status, or a code of `statusNames`. */
  status: number
  sizeIn: number
  sizeOut: number
  /** Duration of the engine's own call, ns; NaN where not known. */
  engine: number
  /** Set only when status is not ok. */
  message?: string
}

/** Marks moments of a request where the target is nearer to them than its caller; each may be left out. */
export interface RequestTimer {
  /** The request goes out now; else it counts from the call of `send`. */
  sending(): void
  /** The first byte or token came, once. */
  first(): void
  /** The last byte came, and nothing was done with it yet; else the answer counts until the promise settles. */
  last(): void
}

export interface BlockingTarget {
  prepare(): Promise<TargetInfo>
  /** Runs one batch to its end. The promise may already be settled work: the thread is held meanwhile. */
  infer(batch: BatchView): Outcome | Promise<Outcome>
  close(): Promise<void>
}

export interface AsyncTarget {
  prepare(): Promise<TargetInfo>
  send(request: RequestView, timer: RequestTimer): Promise<Outcome>
  close(): Promise<void>
}

export type OpenedTarget =
  | { readonly flow: 'blocking'; readonly target: BlockingTarget }
  | { readonly flow: 'async'; readonly target: AsyncTarget }

export interface TargetProvider {
  readonly kind: string
  readonly flow: 'blocking' | 'async'
  /** Facts that need no engine: reads the model's structure, checks the file. Runs in the main process. */
  inspect(spec: TargetSpec): Promise<Partial<TargetFacts>>
  /** Opens one instance in the calling thread. */
  open(spec: TargetSpec, instance: number): Promise<OpenedTarget>
}
