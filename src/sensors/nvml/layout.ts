// Offsets within NVML's structures and the numbers of its fields (nvml.h of driver 590; checked against a C compiler's
// offsetof in test/nvml.test.ts). Layouts are for 64-bit Linux.
export const fieldValue = {
  size: 40,
  fieldId: 0,
  scopeId: 4,
  timestamp: 8,
  latency: 16,
  valueType: 24,
  status: 28,
  value: 32,
} as const

export const fields = { totalEnergy: 83, powerInstant: 186, memoryTemperature: 82 } as const

/** enum nvmlValueType_t */
export const valueTypes = {
  double: 0,
  unsignedInt: 1,
  unsignedLong: 2,
  unsignedLongLong: 3,
  signedLongLong: 4,
  signedInt: 5,
  unsignedShort: 6,
} as const

export const returns = {
  success: 0,
  notSupported: 3,
  noPermission: 4,
  driverNotLoaded: 9,
  gpuIsLost: 15,
  resetRequired: 16,
} as const

export const utilisation = { size: 8, gpu: 0, memory: 4 } as const
export const memory = {
  size: 40,
  version: 0,
  total: 8,
  reserved: 16,
  free: 24,
  used: 32,
  versionTag: 0x02000028,
} as const

/** The value of one nvmlFieldValue_t at `index`; `undefined` where the device does not give it. */
export function readField(buffer: Buffer, index: number): number | undefined {
  const base = index * fieldValue.size
  if (buffer.readInt32LE(base + fieldValue.status) !== returns.success) return undefined
  const at = base + fieldValue.value
  switch (buffer.readInt32LE(base + fieldValue.valueType)) {
    case valueTypes.double:
      return buffer.readDoubleLE(at)
    case valueTypes.unsignedInt:
      return buffer.readUInt32LE(at)
    case valueTypes.unsignedLong:
    case valueTypes.unsignedLongLong:
      return Number(buffer.readBigUInt64LE(at))
    case valueTypes.signedLongLong:
      return Number(buffer.readBigInt64LE(at))
    case valueTypes.signedInt:
      return buffer.readInt32LE(at)
    case valueTypes.unsignedShort:
      return buffer.readUInt16LE(at)
    default:
      return undefined
  }
}
