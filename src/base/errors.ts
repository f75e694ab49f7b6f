// The one error class and the one table of codes. The library throws facts (code + data); only the command line and
// the views turn them into sentences and advice, from this table.
export interface ErrorKind {
  /** Exit status of the command line for this error. */
  readonly exit: 1 | 2 | 3 | 4 | 5 | 6 | 130
  /** What happened, as one clause; `{name}` is filled from the error's data. */
  readonly title: string
  /** What the user can do about it. */
  readonly remedy: string
}

export type ErrorCode =
  | 'zoo-unknown'
  | 'shape-invalid'
  | 'rule-malformed'
  | 'model-not-onnx'
  | 'model-unsupported'
  | 'provider-unavailable'
  | 'target-failed'
  | 'out-of-memory'
  | 'target-crashed'
  | 'too-many-errors'
  | 'too-few-files'
  | 'cannot-store'
  | 'cannot-cache'
  | 'cannot-report'
  | 'run-newer'
  | 'run-damaged'
  | 'usage'
  | 'variable-invalid'
  | 'file-not-found'
  | 'run-not-found'
  | 'demo-unknown'
  | 'engine-missing'
  | 'process-not-found'
  | 'port-unavailable'
  | 'monitor-misuse'
  | 'unmeasurable'
  | 'bug'

export const errorKinds: Readonly<Record<ErrorCode, ErrorKind>> = {
  usage: { exit: 2, title: '{message}', remedy: 'See `tailwatt {verb} --help`.' },
  'variable-invalid': {
    exit: 2,
    title: 'the variable {variable} cannot be used: {message}',
    remedy: 'Correct it, unset it, or override it with its flag.',
  },
  'file-not-found': { exit: 2, title: 'there is no file {path}', remedy: 'Check the path.' },
  'zoo-unknown': {
    exit: 2,
    title: 'the zoo has no model {name}',
    remedy: '`tailwatt zoo list` shows the models it has.',
  },
  'shape-invalid': {
    exit: 2,
    title: '{message}',
    remedy: 'Write it as --shape name=1x128 with the names `tailwatt run` prints.',
  },
  'rule-malformed': {
    exit: 2,
    title: 'the SLA rule {rule} is malformed: {message}',
    remedy: "Write it as 'p99<50ms'; `tailwatt explain` lists the metrics.",
  },
  'demo-unknown': { exit: 2, title: 'there is no demo run {name}', remedy: 'There is {known}.' },
  'run-not-found': { exit: 2, title: 'there is no run {path}', remedy: '`tailwatt list` shows the runs.' },
  'model-not-onnx': {
    exit: 3,
    title: '{path} is not a readable ONNX model: {message}',
    remedy: 'Export it again, or check that the download is whole.',
  },
  'model-unsupported': {
    exit: 3,
    title: 'the engine refuses {path}: {message}',
    remedy: 'Export for an older opset, or use an engine that has this operator.',
  },
  'engine-missing': { exit: 3, title: 'the engine {engine} is not installed', remedy: 'npm install {engine}' },
  'provider-unavailable': {
    exit: 3,
    title: 'the engine cannot use the provider {provider}: {message}',
    remedy: 'Providers here: {available}.',
  },
  'target-failed': {
    exit: 3,
    title: 'the target failed at the start: {message}',
    remedy: '{remedy}',
  },
  'out-of-memory': {
    exit: 3,
    title: 'memory ran out: {message}',
    remedy: 'Use a smaller --batch or --shape, or fewer --instances.',
  },
  'target-crashed': {
    exit: 3,
    title: 'the engine process ended in mid-run ({message})',
    remedy: 'What was measured until then is kept. If memory ran out, use a smaller --batch or fewer --instances.',
  },
  'too-many-errors': {
    exit: 3,
    title: '{percent} % of the requests failed (limit {limit} %), most often: {message}',
    remedy: 'Fix the target, or raise --max-errors.',
  },
  'process-not-found': {
    exit: 2,
    title: 'there is no process {pid}',
    remedy: 'Check the number; `ps -e` shows those there are.',
  },
  'port-unavailable': {
    exit: 2,
    title: 'the live page cannot use port {port}: {message}',
    remedy: 'Choose another, or --live without a number for any free one.',
  },
  'monitor-misuse': {
    exit: 1,
    title: '{message}',
    remedy: 'Begin a window while the monitor runs, and end it once.',
  },
  unmeasurable: { exit: 4, title: '{what} cannot be judged here: {reason}', remedy: '{remedy}' },
  'too-few-files': {
    exit: 4,
    title: 'the limit of open files{limit} is too low: this needs {needed}',
    remedy: 'Raise it first: ulimit -n {needed}',
  },
  'cannot-store': {
    exit: 4,
    title: 'cannot write {path}: {message}',
    remedy: 'Free space or choose another folder with --out.',
  },
  'cannot-cache': {
    exit: 4,
    title: 'cannot keep {path}: {message}',
    remedy: 'Free space, or set TAILWATT_CACHE to a folder that can be written.',
  },
  'cannot-report': {
    exit: 4,
    title: 'cannot write {path}: {message}',
    remedy: 'Free space, or name another file with --to.',
  },
  'run-newer': {
    exit: 2,
    title: 'the run {path} was written by a later tailwatt ({schema})',
    remedy: 'Update tailwatt.',
  },
  'run-damaged': {
    exit: 2,
    title: 'the run {path} is damaged: {message}',
    remedy: 'Measure again; the tables that can be read are left as they are.',
  },
  bug: { exit: 1, title: 'tailwatt failed: {message}', remedy: 'Please report this, with the run folder.' },
}

export type ErrorData = Readonly<Record<string, string | number | boolean | undefined>>

/**
 * A failure with its facts. `message` is for developers; users see {@link describeError}.
 * @example throw new TailwattError('file-not-found', { path })
 */
export class TailwattError extends Error {
  override readonly name = 'TailwattError'
  readonly code: ErrorCode
  readonly data: ErrorData

  constructor(code: ErrorCode, data: ErrorData = {}, options?: ErrorOptions) {
    super(`${code} ${JSON.stringify(data)}`, options)
    this.code = code
    this.data = data
  }
}

/** The sentence and the remedy for an error, filled with its data. */
export function describeError(error: TailwattError): {
  readonly title: string
  readonly remedy: string
  readonly exit: number
} {
  const kind: ErrorKind = errorKinds[error.code]
  const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (_, key: string) => String(error.data[key] ?? '?'))
  return { title: fill(kind.title), remedy: fill(kind.remedy), exit: kind.exit }
}

/** Structured-cloneable form, for crossing a thread or process boundary. */
export interface ErrorRecord {
  readonly code: ErrorCode
  readonly data: ErrorData
}

export function toErrorRecord(error: unknown): ErrorRecord {
  if (error instanceof TailwattError) return { code: error.code, data: error.data }
  return { code: 'bug', data: { message: error instanceof Error ? (error.stack ?? error.message) : String(error) } }
}

export const fromErrorRecord = (record: ErrorRecord): TailwattError => new TailwattError(record.code, record.data)
