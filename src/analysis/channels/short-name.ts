// What is left of a channel's id where its device is named beside it. For people: what a channel is, its keys say.

/** @example shortName('nvml/GPU-1/clock-sm') // 'clock-sm' */
export const shortName = (id: string): string => id.slice(id.lastIndexOf('/') + 1)
