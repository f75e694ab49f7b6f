// Closing a sensor that is given up already: what goes wrong then is nobody's concern, for why it was given up is said elsewhere.
import type { PolledSensor, StreamingSensor } from './sensor.ts'

export async function closeQuietly(sensor: PolledSensor | StreamingSensor): Promise<void> {
  try {
    await sensor.close()
  } catch {
    // See above.
  }
}
