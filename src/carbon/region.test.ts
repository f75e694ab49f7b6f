import { expect, test } from 'vitest'
import { cloudProviders, cloudRegions } from './cloud.ts'
import { gridAreas } from './grid.ts'
import { findRegion } from './region.ts'

const areaOf = (text: string): string | undefined => {
  const found = findRegion(text)
  return found.ok ? found.value.area?.code : undefined
}

test('a region is found by either code or by its name', () => {
  expect(['NOR', 'no', ' Norway '].map(areaOf)).toEqual(['NOR', 'NOR', 'NOR'])
  expect(['world', 'WORLD'].map(areaOf)).toEqual(['WORLD', 'WORLD'])
})

test('names are found as people write them', () => {
  const names = [
    'Turkey',
    'türkiye',
    'UK',
    'Czech Republic',
    'Vietnam',
    'Taiwan',
    'Philippines',
    'Côte d’Ivoire',
    'Hong Kong',
  ]
  expect(names.map(areaOf)).toEqual(['TUR', 'TUR', 'GBR', 'CZE', 'VNM', 'TWN', 'PHL', 'CIV', 'HKG'])
  expect([areaOf('Congo (DRC)'), areaOf('Congo')]).toEqual(['COD', 'COG'])
  expect(areaOf('Virgin Islands')).toBeUndefined()
})

test('every code and every name of the table finds its own area', () => {
  for (const { code, alpha2, name } of gridAreas) {
    expect(areaOf(code)).toBe(code)
    expect(areaOf(name), name).toBe(code)
    if (alpha2 !== '') expect(areaOf(alpha2)).toBe(code)
  }
})

test('an unknown name names the nearest', () => {
  expect(findRegion('Germny')).toMatchObject({
    ok: false,
    error: ['DEU (Germany)', expect.anything(), expect.anything()],
  })
  expect(findRegion('aws:eu-nort-1')).toMatchObject({
    ok: false,
    error: ['aws:eu-north-1', expect.anything(), expect.anything()],
  })
  const clouds = findRegion('aws:nowhere')
  expect(clouds.ok ? [] : clouds.error.filter((name) => name.startsWith('aws:'))).toHaveLength(3)
  expect(findRegion('').ok).toBe(false)
  expect(findRegion('em:').ok).toBe(false)
  expect(findRegion('em:../../etc').ok).toBe(false)
})

test('every cloud region stands in a grid of the table, and has one name', () => {
  const codes = new Set(gridAreas.map(({ code }) => code))
  for (const { id, country } of cloudRegions) expect(codes.has(country), `${id} in ${country}`).toBe(true)
  expect(new Set(cloudRegions.map(({ id }) => id)).size).toBe(cloudRegions.length)
})

test('a cloud region is found with its provider, and without where one alone has it', () => {
  for (const { id, country } of cloudRegions) {
    const bare = id.slice(id.indexOf(':') + 1)
    expect(findRegion(id)).toMatchObject({ ok: true, value: { cloud: { id }, area: { code: country } } })
    expect(findRegion(bare.toUpperCase())).toMatchObject({ ok: true, value: { cloud: { id } } })
  }
  expect(areaOf('azure:swedencentral')).toBe('SWE')
  expect(areaOf('gcp:europe-west4')).toBe('NLD')
  // One hyphen apart, and two countries: AWS in Saudi Arabia, Google in Israel.
  expect([areaOf('me-west-1'), areaOf('me-west1')]).toEqual(['SAU', 'ISR'])
})

test('a published PUE has a year and a source, and is one', () => {
  for (const { pue, name } of cloudProviders) {
    expect(pue.value, name).toBeGreaterThan(1)
    expect(pue.value, name).toBeLessThan(2)
    expect(pue.year, name).toBeLessThanOrEqual(new Date().getUTCFullYear())
    expect(pue.source, name).not.toBe('')
  }
})

test('a zone of Electricity Maps keeps its country as what to fall back to', () => {
  expect(findRegion('em:us-cal-ciso')).toMatchObject({
    ok: true,
    value: { zone: 'US-CAL-CISO', area: { code: 'USA' } },
  })
  expect(findRegion('EM:DE')).toMatchObject({ ok: true, value: { zone: 'DE', area: { code: 'DEU' } } })
  expect(findRegion('em:AQ')).toEqual({ ok: true, value: { zone: 'AQ', area: undefined } })
})
