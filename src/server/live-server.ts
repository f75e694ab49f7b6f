// The live page's server: one page and one stream of events, on 127.0.0.1 only. It has no files, changes nothing, and
// lives in the main process: nothing of it is on the load's path.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TailwattError } from '../base/errors.ts'
import type { Progress } from '../run/progress.ts'
import { LiveHistory } from './live-history.ts'
import { livePage, pagePolicy } from './live-page.ts'
import { liveView } from './live-view.ts'

export interface LiveServerOptions {
  /** Heading of the page. */
  readonly title: string
  /** Any free one when left out or 0. */
  readonly port?: number
}

/** Drawings are not nearer to each other than this, ms, … */
const drawEveryMs = 1000
/** … nor than so many times what one takes: a fifth of a percent of the main thread at most. */
const drawRest = 500
const mostViewers = 16
/** A viewer that does not read gets nothing more, bytes. */
const mostUnread = 8e6
/** How long the last words may take to leave, ms. */
const farewellMs = 2000

export class LiveServer {
  readonly #server: Server
  readonly #page: string
  readonly #history = new LiveHistory()
  readonly #viewers = new Set<ServerResponse>()
  #latest: Progress | undefined
  #drawNext = 0
  #id = 0

  private constructor(title: string) {
    this.#page = livePage(title)
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  /** @throws TailwattError `port-unavailable`. */
  static async listen({ title, port = 0 }: LiveServerOptions): Promise<LiveServer> {
    const live = new LiveServer(title)
    await new Promise<void>((resolve, reject) => {
      live.#server.once('error', (error: NodeJS.ErrnoException) => {
        const message = error.code === 'EADDRINUSE' ? 'another program uses it' : (error.code ?? error.message)
        reject(new TailwattError('port-unavailable', { port, message }, { cause: error }))
      })
      live.#server.listen(port, '127.0.0.1', resolve)
    })
    // The run keeps the process alive, not the page.
    live.#server.unref()
    return live
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }
  get url(): string {
    return `http://127.0.0.1:${this.port}/`
  }
  get viewers(): number {
    return this.#viewers.size
  }

  /** Tells everyone who watches; a drawing is made only when there is someone, and once a second at most. */
  show(progress: Progress): void {
    const changed = this.#latest?.stage !== progress.stage
    // Stages without a load keep the figures of the last one.
    this.#latest =
      progress.stage === 'load' || !this.#latest
        ? progress
        : {
            ...this.#latest,
            ...progress,
            elapsed_s: this.#latest.elapsed_s,
            sent: this.#latest.sent,
            failed: this.#latest.failed,
          }
    if (progress.recent) this.#send('progress', this.#history.add(progress))
    const now = performance.now()
    if (!changed && now < this.#drawNext) return
    if (this.#viewers.size > 0) this.#send('view', liveView(this.#latest, this.#history.points))
    this.#drawNext = now + Math.max(drawEveryMs, drawRest * (performance.now() - now))
  }

  /** The page becomes the report, or says why there is none; then the server is gone. May be called again. */
  async end(last: { readonly report: string } | { readonly message: string }): Promise<void> {
    const text = this.#event('end', last)
    const told = [...this.#viewers].map(
      (viewer) => new Promise<void>((done) => viewer.once('close', done).end(text, () => done())),
    )
    this.#viewers.clear()
    let timer: NodeJS.Timeout | undefined
    await Promise.race([Promise.all(told), new Promise((done) => (timer = setTimeout(done, farewellMs)))])
    clearTimeout(timer)
    await new Promise<void>((done) => {
      this.#server.close(() => done())
      this.#server.closeAllConnections()
    })
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('X-Content-Type-Options', 'nosniff')
    response.setHeader('Referrer-Policy', 'no-referrer')
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
    response.setHeader('Cache-Control', 'no-store')
    const refuse = (status: number, text: string): void => {
      response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
    }
    // A name that a stranger's page made point to this address (DNS rebinding) is not one of ours.
    if (!this.#isOwn(request.headers.host)) return refuse(403, 'this page answers to 127.0.0.1 and localhost only')
    const { origin } = request.headers
    if (origin !== undefined && !this.#isOwn(origin.replace(/^http:\/\//, '')))
      return refuse(403, 'not for other pages')
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      return refuse(405, 'there is nothing to change here')
    }
    const path = (request.url ?? '/').split('?')[0]
    if (path === '/')
      response
        .writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': pagePolicy })
        .end(request.method === 'HEAD' ? undefined : this.#page)
    else if (path === '/events' && request.method === 'GET') this.#join(response, refuse)
    else refuse(404, 'there is only the page / and its /events')
  }

  #isOwn(host: string | undefined): boolean {
    return host === `127.0.0.1:${this.port}` || host === `localhost:${this.port}`
  }

  /** Whoever comes late, or again, gets the whole course first. */
  #join(response: ServerResponse, refuse: (status: number, text: string) => void): void {
    if (this.#viewers.size >= mostViewers) return refuse(503, 'too many are watching')
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' })
    response.write(`retry: 1000\n\n${this.#event('history', this.#history.points)}`)
    if (this.#latest) response.write(this.#event('view', liveView(this.#latest, this.#history.points)))
    response.on('close', () => this.#viewers.delete(response))
    response.on('error', () => this.#viewers.delete(response))
    this.#viewers.add(response)
  }

  #send(kind: string, data: unknown): void {
    if (this.#viewers.size === 0) return
    const text = this.#event(kind, data)
    for (const viewer of this.#viewers) {
      if (viewer.writableLength > mostUnread) viewer.destroy()
      else viewer.write(text)
    }
  }

  #event(kind: string, data: unknown): string {
    // JSON has no line breaks of its own: one line of data is the whole.
    return `id: ${++this.#id}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`
  }
}
