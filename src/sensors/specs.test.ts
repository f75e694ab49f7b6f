import { expect, test } from 'vitest'
import { TailwattError } from '../base/errors.ts'
import { defaultSensors, liveSensors, sensorProviders } from './catalog.ts'
import { parseSensorList } from './specs.ts'

const known = ['rapl', 'nvml', 'shelly', 'tasmota', 'dcgm', 'replay'].map((id) =>
  sensorProviders.find((provider) => provider.id === id)!,
)
const names = (...lists: readonly string[]): string[] =>
  parseSensorList(lists, known).map(({ kind, options }) => {
    const argument = options['argument']
    return typeof argument === 'string' ? `${kind} at ${argument}` : kind
  })
const refusal = (...lists: readonly string[]): string => {
  try {
    names(...lists)
    return 'taken'
  } catch (error) {
    return error instanceof TailwattError ? `${error.code}: ${String(error.data['message'])}` : 'another error'
  }
}

test('names replace the defaults, a plus adds to them, none is nothing', () => {
  expect(names('rapl')).toEqual(['rapl'])
  expect(names('+shelly:192.168.1.20')).toEqual(['rapl', 'nvml', 'shelly at 192.168.1.20'])
  expect(names('rapl, +tasmota:plug.local:8080/1')).toEqual(['rapl', 'tasmota at plug.local:8080/1'])
  expect(names('none')).toEqual([])
  expect(names('none,+shelly:10.0.0.1')).toEqual(['shelly at 10.0.0.1'])
  expect(names('+shelly:10.0.0.1', '+shelly:10.0.0.2')).toEqual([
    'rapl',
    'nvml',
    'shelly at 10.0.0.1',
    'shelly at 10.0.0.2',
  ])
  expect(names('+dcgm,+rapl')).toEqual(['rapl', 'nvml', 'dcgm'])
  expect(names('dcgm:http://gpu:9400/metrics')).toEqual(['dcgm at http://gpu:9400/metrics'])
})

test('what the user named is marked, what was there by default is not', () => {
  expect(parseSensorList('+rapl', known).map(({ asked }) => asked)).toEqual([true, undefined])
})

test('what cannot be meant is one sentence', () => {
  expect(refusal('telepathy')).toBe(
    'usage: there is no sensor telepathy; there are rapl, nvml, shelly, tasmota, dcgm, replay, none',
  )
  expect(refusal('shelly')).toBe('usage: the sensor shelly needs shelly:ADDRESS')
  expect(refusal('replay')).toBe('usage: the sensor replay needs replay:FILE')
  expect(refusal('shelly:')).toMatch(/needs shelly:ADDRESS/)
  expect(refusal('rapl:0')).toMatch(/takes no argument/)
  expect(refusal('rapl:')).toMatch(/takes no argument/)
  expect(refusal('dcgm:')).toMatch(/needs dcgm:ADDRESS/)
  expect(refusal('')).toMatch(/needs a name/)
  expect(refusal('rapl,,nvml')).toMatch(/needs a name/)
  expect(refusal('+none')).toMatch(/cannot be added/)
  expect(refusal('none,rapl')).toMatch(/cannot both be meant/)
  expect(refusal('replay:/no/such/file')).toMatch(/^file-not-found/)
  expect(refusal('replay:/dev/zero')).toMatch(/^usage: replay reads a regular file/)
  expect(refusal('replay:/')).toMatch(/^usage: replay reads a regular file/)
  expect(refusal('./absent.mjs')).toMatch(/^file-not-found/)
  expect(refusal('shelly:host/a/b')).toMatch(/number of an outlet/)
})

test('a password typed into an address is refused, and said nowhere', () => {
  for (const list of ['shelly:admin:s3cret@10.0.0.1', '+tasmota:http://u:s3cret@plug', 'http://u:s3cret@plug']) {
    expect(refusal(list)).toMatch(/^usage/)
    expect(refusal(list)).not.toContain('s3cret')
  }
  expect(refusal('shelly:admin:s3cret@10.0.0.1')).toContain('set TAILWATT_SHELLY_PASSWORD')
})

test('what must be told where to look is not read by default, nor asked for by a flag that is not its own', () => {
  const defaults = defaultSensors().map(({ kind }) => kind)
  expect(defaults).toEqual(sensorProviders.filter(({ argument }) => !argument).map(({ id }) => id))
  expect(defaults).toContain('rapl')
  expect(defaults).not.toContain('shelly')
  expect(() => parseSensorList('electricity-maps:DE', sensorProviders)).toThrow(
    expect.objectContaining({
      data: { message: 'the zone of electricity-maps is given by --region, such as --region em:DE', verb: 'run' },
    }),
  )
})

test('a live zone needs its sensor, unless the intensity is given', () => {
  expect(liveSensors({ region: 'DEU', zone: 'DE' })).toEqual([
    { kind: 'electricity-maps', options: { argument: 'DE' }, asked: true },
  ])
  expect(liveSensors({ region: 'DEU' })).toEqual([])
  expect(liveSensors({ zone: 'DE', grid_g_per_kwh: 200 })).toEqual([])
})
