// What can be read of a device, before it is known whether it answers.
import type { Shape } from '../gpu-shapes.ts'

/** `undefined`: nothing this time. @throws DeviceGone */
export type Reading = () => number | undefined
export interface Readable {
  readonly name: string
  readonly shape: Shape
  readonly read: Reading
  /** Known to work without a trial read. */
  readonly trial?: boolean
}
