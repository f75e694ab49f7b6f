import { expect, test } from 'vitest'
import { virtualHost } from '../../host/virtual-host.ts'
import { hostGpus } from './host-gpus.ts'

const amd = '/sys/class/drm/card1/device'
const intel = '/sys/class/drm/card0/device'
const files = {
  '/sys/class/drm/card0-DP-1/status': 'connected',
  '/sys/class/drm/renderD128/device/vendor': '0x8086',
  [`${intel}/vendor`]: '0x8086\n',
  [`${intel}/device`]: '0x46a6\n',
  [`${intel}/uevent`]: 'DRIVER=i915\nPCI_CLASS=30000\nPCI_ID=8086:46A6\nPCI_SLOT_NAME=0000:00:02.0\n',
  [`${amd}/vendor`]: '0x1002\n',
  [`${amd}/device`]: '0x73bf\n',
  [`${amd}/unique_id`]: '1a2b3c4d5e6f7081\n',
  [`${amd}/uevent`]: 'DRIVER=amdgpu\nPCI_SLOT_NAME=0000:03:00.0\n',
  '/sys/module/amdgpu/version': '6.12.12\n',
}

test('names each card by its ids where its driver has no name, and by the driver with its version', () => {
  expect(hostGpus(virtualHost({ files }), () => [])).toEqual([
    { name: 'AMD GPU 1002:73bf', uuid: 'GPU-1a2b3c4d5e6f7081', driver: 'amdgpu 6.12.12' },
    { name: 'Intel GPU 8086:46a6', uuid: '0000:00:02.0', driver: 'i915' },
  ])
  const named = {
    ...files,
    [`${amd}/product_name`]: 'AMD Instinct MI210\n',
    [`${amd}/unique_id`]: '0000000000000000\n',
  }
  expect(hostGpus(virtualHost({ files: named }), () => [])[0]).toMatchObject({
    name: 'AMD Instinct MI210',
    uuid: '0000:03:00.0',
  })
})

test('takes NVIDIA’s from NVML, by PCI id without it, and never fails', () => {
  const card = '/sys/class/drm/card0/device'
  const host = virtualHost({ files: { [`${card}/vendor`]: '0x10de', [`${card}/device`]: '0x2330' } })
  const told = { name: 'NVIDIA H100', uuid: 'GPU-1', driver: '590.48.01', architecture: 'Hopper' }
  expect(hostGpus(host, () => [told])).toEqual([{ name: 'NVIDIA H100', uuid: 'GPU-1', driver: '590.48.01' }])
  const broken = (): never => {
    throw new Error('the driver crashed')
  }
  expect(hostGpus(host, broken)).toEqual([{ name: 'NVIDIA GPU 10de:2330', uuid: 'card0', driver: '' }])
  expect(hostGpus({ ...host, list: broken }, broken)).toEqual([])
})
