import { expect, test } from 'vitest'
import { renamedFindings } from '../run/upgrade-1-to-2/findings.ts'
import { explain, explainable } from './explain.ts'

test('every id that is listed is explained', () => {
  for (const id of explainable()) expect(explain(id), id).toMatchObject({ text: expect.stringMatching(/./) as string })
  expect(explain('nothing')).toBeUndefined()
})

test('the id that a finding had in an older format is explained by its id of today', () => {
  for (const [old, id] of renamedFindings) {
    expect(explainable()).toContain(id)
    expect(explainable()).not.toContain(old)
    expect(explain(String(old))).toEqual(explain(id))
    expect(explain(id)).toMatchObject({ kind: 'finding', id })
  }
})
