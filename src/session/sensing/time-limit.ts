// What a sensor is waited for, and no longer: it must not hold up the run for its own sake.

export class TooLate extends Error {}

/** The work's result, or {@link TooLate} after `ms`; `late` gets what comes after that. */
export function within<T>(ms: number, work: Promise<T>, late: (value: T) => void = () => undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    let over = false
    const timer = setTimeout(() => {
      over = true
      reject(new TooLate())
    }, ms)
    work.then(
      (value) => {
        clearTimeout(timer)
        if (over) late(value)
        else resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error instanceof Error ? error : new Error(String(error)))
      },
    )
  })
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
