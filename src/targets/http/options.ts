// What an HTTP endpoint takes. Nothing of the client is loaded here.
import type { TargetSpec } from '../target.ts'

export interface HttpOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Text of the body; may hold template fields. */
  readonly body?: string
  /** File the body is read from. */
  readonly bodyFile?: string
  readonly timeoutMs?: number
}

/** An HTTP endpoint; success is a 2xx status. */
export const http = (url: string, options: HttpOptions = {}): TargetSpec => ({
  kind: 'http',
  options: { url, ...options },
})
