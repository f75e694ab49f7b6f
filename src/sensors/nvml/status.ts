// Which of NVML's statuses end a device for the rest of a run.
import { returns } from './layout.ts'

export class DeviceGone extends Error {}

/** @throws DeviceGone for the statuses that do not come back in a run. */
export function succeeded(status: number): boolean {
  if (status === returns.gpuIsLost || status === returns.resetRequired) throw new DeviceGone()
  return status === returns.success
}
