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

export const fields = {
  performancePower: 74,
  performanceThermal: 75,
  performanceBoard: 77,
  memoryTemperature: 82,
  totalEnergy: 83,
  powerAverage: 185,
  powerInstant: 186,
  pcieSent: 197,
  pcieReceived: 198,
  softwareThermal: 269,
  hardwareThermal: 270,
  powerBrake: 271,
} as const

/** scopeId of the power and energy fields; 2 is memory where it is not 0. */
export const scopes = { gpu: 0, module: 1, memory: 2 } as const

/** enum nvmlValueType_t */
const valueTypes = {
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
  invalidArgument: 2,
  notSupported: 3,
  noPermission: 4,
  notFound: 6,
  insufficientSize: 7,
  driverNotLoaded: 9,
  functionNotFound: 13,
  gpuIsLost: 15,
  resetRequired: 16,
} as const

export const utilization = { size: 8, gpu: 0, memory: 4 } as const
export const memory = {
  size: 40,
  version: 0,
  total: 8,
  reserved: 16,
  free: 24,
  used: 32,
  versionTag: 0x02000028,
} as const

/** nvmlMemory_t, for drivers without nvmlDeviceGetMemoryInfo_v2. */
export const memoryOld = { size: 24, total: 0, free: 8, used: 16 } as const
/** nvmlProcessInfo_t; all ones in `usedGpuMemory` is "not available". */
export const processInfo = { size: 24, pid: 0, usedGpuMemory: 8, gpuInstanceId: 16, computeInstanceId: 20 } as const
export const processSample = {
  size: 32,
  pid: 0,
  timeStamp: 8,
  smUtil: 16,
  memUtil: 20,
  encUtil: 24,
  decUtil: 28,
} as const
export const gpmSupport = { size: 8, version: 0, isSupportedDevice: 4 } as const
export const gpmMetric = {
  size: 40,
  metricId: 0,
  nvmlReturn: 4,
  value: 8,
  shortName: 16,
  longName: 24,
  unit: 32,
} as const
/** `metrics` is as long as the caller wants; the header's bound has grown while the version stayed 1. */
export const gpmMetricsGet = { version: 0, numMetrics: 4, sample1: 8, sample2: 16, metrics: 24 } as const

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

/** Bits of the counter in one nvmlFieldValue_t, by its type: where it wraps. */
export const bitsOf = (buffer: Buffer, index: number): 32 | 64 =>
  buffer.readInt32LE(index * fieldValue.size + fieldValue.valueType) === valueTypes.unsignedInt ? 32 : 64
