// Temperatures as the kernel's files show them, in m°C.

/** Beyond these no sensor has measured anything, °C. */
const coldest = -60
const hottest = 200

export function celsius(millidegrees: number): number | undefined {
  const degrees = millidegrees / 1000
  return degrees > coldest && degrees < hottest ? degrees : undefined
}
