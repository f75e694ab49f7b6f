// The files of one card: each is opened when it is first read, kept open, and read as one reading.
import type { Host } from '../../host/host.ts'
import { KeptFile } from '../../host/kept-file.ts'
import type { Shape } from '../gpu-shapes.ts'
import type { CardReading } from './card-sensor.ts'

export class CardFiles {
  readonly #host: Host
  readonly #files: KeptFile[] = []

  constructor(host: Host) {
    this.#host = host
  }

  open(path: string): KeptFile {
    const file = new KeptFile(this.#host, path)
    this.#files.push(file)
    return file
  }

  /** None where there is no such file. */
  reading(
    name: string,
    shape: Shape,
    path: string,
    read: (file: KeptFile) => number | undefined,
  ): readonly CardReading[] {
    if (!this.#host.exists(path)) return []
    const file = this.open(path)
    return [{ name, shape, read: () => read(file) }]
  }

  close(): void {
    this.#files.forEach((file) => file.close())
  }
}

/** A number of a file, scaled; `undefined` outside what the quantity can be. */
export const numberOf =
  (scale = 1, least: number = Number.NEGATIVE_INFINITY, most: number = Number.POSITIVE_INFINITY) =>
  (file: KeptFile): number | undefined => {
    const value = file.number()
    return value === undefined || value < least || value > most ? undefined : value * scale
  }
