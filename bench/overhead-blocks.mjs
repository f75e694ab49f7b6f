// The clock that load host, sensors and the benchmark share: blocks of a fixed length, profiled, bare, bare, profiled.
export const blockNs = 0.3e9
export const now = () => Number(process.hrtime.bigint())
export const blockOf = (at) => Math.floor(at / blockNs)
export const isBare = (at) => [1, 2].includes(blockOf(at) % 4)
