import { expect, test } from 'vitest'
import { deviceName, gpuName, ownName } from './device-name.ts'

const arc = { name: 'Intel GPU 8086:e20b', uuid: '0000:03:00.0' }
const radeon = { name: 'AMD GPU 1002:73bf', uuid: 'GPU-1a2b3c4d5e6f7081' }

test('a GPU goes by its name, by the beginning of its id where there is none or several share it', () => {
  expect(gpuName(arc.uuid, [arc, radeon])).toBe('Intel GPU 8086:e20b')
  expect(gpuName(radeon.uuid, [])).toBe('GPU 1a2b3c4d')
  expect(gpuName('MIG-8d2f3a10-5b', [])).toBe('MIG 8d2f3a10')
  expect(gpuName('0000:03:00.0', [])).toBe('GPU 03:00.0')
  const twin = { ...arc, uuid: '0000:41:00.0' }
  expect(gpuName(twin.uuid, [arc, twin])).toBe('Intel GPU 8086:e20b (41:00.0)')
})

test('what is no GPU keeps its name, what may be one is looked up', () => {
  expect(ownName('cpu0', [arc])).toBe('cpu0')
  expect(ownName(arc.uuid, [arc])).toBe(arc.name)
  expect(ownName(radeon.uuid, [])).toBe('GPU 1a2b3c4d')
  const channel = { id: 'amdgpu/x/power', device: 'package-0' }
  expect(deviceName({ ...channel, scope: 'package' }, [radeon])).toBe('CPU 0')
  expect(deviceName({ ...channel, device: arc.uuid, scope: 'zone' }, [arc])).toBe(arc.name)
})
