// A powercap tree as the kernel's, in a folder, whose counters another process advances along known powers. Values have a
// fixed width, so that a write over the old one is never seen half done and open files stay valid.
import { fork } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync, writeSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** max_energy_range_uj of a counter of 2³² steps of 61 µJ. */
export const fullRange = 262_143_328_850

const now = () => Number(process.hrtime.bigint())
const digits = (microjoules) => `${Math.floor(microjoules).toString().padStart(12, '0')}\n`

/**
 * @param zones { at: 'intel-rapl/intel-rapl:0', name, watts, start µJ, range µJ (null: no file), resetAfter s }
 * @returns { root, began (ns, monotonic), stop }
 */
export async function fakePowercap(zones) {
  const root = mkdtempSync(join(tmpdir(), 'tailwatt-powercap-'))
  for (const { at, name, start, range = fullRange } of zones) {
    const folder = join(root, at)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'name'), `${name}\n`)
    writeFileSync(join(folder, 'energy_uj'), digits(start))
    if (range !== null) writeFileSync(join(folder, 'max_energy_range_uj'), `${range}\n`)
  }
  // As in the kernel: the class shows every zone beside the others, and each control type leads back to it.
  for (const type of new Set(zones.map(({ at }) => at.split('/')[0]))) symlinkSync('..', join(root, type, 'subsystem'))
  for (const { at } of zones) symlinkSync(at, join(root, at.split('/').at(-1)))
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify({ root, zones })])
  const [began] = await once(child, 'message')
  return {
    root,
    began,
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill()
      await ended
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** µJ that a zone shows at `at`, ns after the beginning. */
function shown({ watts, start, range = fullRange, resetAfter = Number.POSITIVE_INFINITY }, at) {
  const seconds = at / 1e9
  const [base, since] = seconds >= resetAfter ? [0, seconds - resetAfter] : [start, seconds]
  return (base + watts * since * 1e6) % ((range ?? fullRange) + 1)
}

if (process.send && process.argv[1] === fileURLToPath(import.meta.url)) {
  const { root, zones } = JSON.parse(process.argv[2])
  const files = zones.map(({ at }) => openSync(join(root, at, 'energy_uj'), 'r+'))
  const cell = new Int32Array(new SharedArrayBuffer(4))
  const began = now()
  process.send(began)
  process.on('exit', () => files.forEach(closeSync))
  // As often as a processor updates its counters.
  const step = () => {
    for (const last = now() + 50e6; now() < last; Atomics.wait(cell, 0, 0, 1)) {
      const at = now() - began
      zones.forEach((zone, i) => writeSync(files[i], digits(shown(zone, at)), 0))
    }
    setImmediate(step)
  }
  process.on('disconnect', () => process.exit(0))
  step()
}
