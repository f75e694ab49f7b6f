// What can be profiled. A target is named by a cloneable spec and opened in the load host's threads; blocking targets
// hold their thread during a request, async ones do not, wire targets are a protocol only. A new target is one folder and one line in `catalog.ts`.
import type { AnswerReader, Endpoint, Failure, RequestTimer } from '../net/client.ts'
import type { RequestBytes } from '../net/http1/request-bytes.ts'
import type { TargetFacts } from '../run/manifest.ts'
import type { OptionsOf } from './option.ts'

/** Cloneable: crosses into the load host and its threads. `kind` is a catalog name or a module path. */
export interface TargetSpec {
  readonly kind: string
  /** Samples in one request. Default 1. */
  readonly batch?: number
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

/** A protocol over connections that somebody else makes: how a request looks as bytes, and when an answer ends. Holds no socket. */
export interface WireTarget {
  readonly endpoint: Endpoint
  /** When an answer is given up. */
  readonly timeoutMs: number
  /** Valid until the next is asked for. */
  encode(request: RequestView): RequestBytes
  /** One a connection. */
  reader(): AnswerReader
  succeeded(status: number): boolean
  /** Whether a request that the server cannot have seen may go once more, on a fresh connection. */
  readonly resends: boolean
  /** A code of `statusNames`, and what to tell of it. */
  failed(failure: Failure): { readonly status: number; readonly message: string }
}

export type OpenedTarget =
  | { readonly flow: 'blocking'; readonly target: BlockingTarget }
  | { readonly flow: 'async'; readonly target: AsyncTarget }
  | { readonly flow: 'wire'; readonly target: WireTarget }

/** What is known of a target before it is opened. */
export interface Inspected extends Partial<TargetFacts> {
  /** When an answer is given up, where the spec says so, ms. */
  readonly timeoutMs?: number
}

/**
 * The light half of a kind of target: all that the help, the command line and a plan need to know.
 * @typeParam O what a target of this kind takes
 */
export interface TargetKind<O = object> {
  readonly kind: string
  readonly flow: OpenedTarget['flow']
  /** Of its flags in the help. */
  readonly heading: string
  /** How one types a target of this kind, for the help. */
  readonly forms: readonly string[]
  /** As words in a sentence: `a model`, `ONNX models`. */
  readonly names: { readonly one: string; readonly many: string }
  /** One of several ways to speak to the same address: `--api` chooses it by its kind. */
  readonly api?: true
  /** In the order of the help. */
  readonly options: OptionsOf<O>
  /** Which of the options `--advise` tries, in this order: those with a `vary`. */
  readonly tries?: readonly string[]
  /** Whether a target typed like this is of this kind; looks at nothing but the text. */
  matches(text: string): boolean
  /** @throws TailwattError for what cannot be meant. */
  resolve(text: string, options?: O): TargetSpec
  /** The heavy half. */
  load(): Promise<Pick<TargetProvider, 'inspect' | 'open'>>
}

/** What a module of the user's exports as `provider`; of the kinds of the catalog the heavy half. */
export interface TargetProvider {
  readonly kind: string
  readonly flow: OpenedTarget['flow']
  /** Facts that need no engine: reads the model's structure, checks the file. Runs in the main process. */
  inspect(spec: TargetSpec): Promise<Inspected>
  /** Opens one instance in the calling thread. */
  open(spec: TargetSpec, instance: number): Promise<OpenedTarget>
}
