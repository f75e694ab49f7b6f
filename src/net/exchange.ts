// What becomes of an exchange in the same way in every client.
import { keepAliveMargin, raceNs, type AnswerReader, type Exchange, type Failure } from './client.ts'

export function restart(exchange: Exchange): void {
  exchange.started = exchange.first = exchange.done = exchange.seen = Number.NaN
  exchange.sending = 0
  exchange.stampedBy = 'user'
  exchange.status = 0
  exchange.bodyBytes = 0
  exchange.failure = undefined
}

/** The request left somewhere between the two: the middle is wrong by half of that at most. */
export function sentBetween(exchange: Exchange, before: number, after: number): void {
  exchange.started = (before + after) / 2
  exchange.sending = after - before
}

/** @param at ns on the run's clock */
export function fail(exchange: Exchange, failure: Failure, at: number): void {
  exchange.failure = failure
  exchange.done = exchange.seen = at
  exchange.stampedBy = 'user'
  // Nothing was sent: it ends where it began.
  if (Number.isNaN(exchange.started)) exchange.started = at
  exchange.ended()
}

/** When a connection is to be left alone, ns. @param keepAliveMs how long the server keeps it; NaN where it does not say */
export const usableUntil = (seen: number, keepAliveMs: number): number =>
  Number.isNaN(keepAliveMs)
    ? Number.POSITIVE_INFINITY
    : seen + Math.max(keepAliveMs / 2, keepAliveMs - keepAliveMargin) * 1e6

/** Of a connection. */
export interface Used {
  readonly reader: Pick<AnswerReader, 'begun'>
  readonly answers: number
  /** Opened for the request that waited for it. */
  readonly late: boolean
}

/** Whether a connection that was there before its request ended as that came: see `Failure.unseen`. */
export const isRace = ({ reader, answers, late }: Used, exchange: Exchange, at: number): boolean =>
  (answers > 0 || !late) && !reader.begun && at - exchange.started < raceNs
