import { describe, expect, test } from 'vitest'
import { upgrade1To2 } from '../upgrade-1-to-2.ts'

describe('a reason of the load certificate', () => {
  const reasons = (...given: readonly unknown[]): unknown =>
    (upgrade1To2({ load_certificate: { reasons: given } })['load_certificate'] as { reasons: unknown }).reasons

  test('becomes code, title and advice, of every sentence that version 1 wrote', () => {
    expect(
      reasons(
        'the rate of 200/s was not reached: 150/s were sent; use a lower --rate, or more --instances',
        'requests were sent late by us: p99 3.00 ms (allowed 1.00 ms); leave a core to the load, or use --pacing spin',
        'the arrivals were not poisson: variation 2.00, correlation 0.100, dispersion 3.00; use --pacing spin, or a lower --rate',
        '7 rows were lost because the disk or the main process could not follow',
        'a load thread was busy all the time: the client, not the target, may be the limit',
      ),
    ).toEqual([
      {
        code: 'rate-missed',
        title: 'the rate of 200/s was not reached: 150/s were sent',
        advice: 'use a lower --rate, or more --instances',
      },
      {
        code: 'sent-late',
        title: 'requests were sent late by us: p99 3.00 ms (allowed 1.00 ms)',
        advice: 'leave a core to the load, or use --pacing spin',
      },
      {
        code: 'arrivals',
        title: 'the arrivals were not poisson: variation 2.00, correlation 0.100, dispersion 3.00',
        advice: 'use --pacing spin, or a lower --rate',
      },
      { code: 'rows-lost', title: '7 rows were lost because the disk or the main process could not follow' },
      {
        code: 'client-saturated',
        title: 'a load thread was busy all the time: the client, not the target, may be the limit',
      },
    ])
  })

  test('in words that no tailwatt wrote keeps them; what is no text is the schema’s to judge', () => {
    expect(reasons('it rained; wait', 5)).toEqual([{ code: 'other', title: 'it rained', advice: 'wait' }, 5])
  })
})
