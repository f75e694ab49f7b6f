// SHA-256 (FIPS 180-4) of a text, for the policy of a page that may run exactly the scripts that stand in it. In pure code,
// because pages are made where there is no `node:crypto`. Not for secrets.
const primes = ((): readonly number[] => {
  const found: number[] = []
  for (let n = 2; found.length < 64; n++) if (found.every((prime) => n % prime !== 0)) found.push(n)
  return found
})()

/** The first 32 bits of the fraction. */
const fraction = (value: number): number => ((value - Math.floor(value)) * 2 ** 32) | 0
const first: readonly number[] = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)))
const constants: readonly number[] = primes.map((prime) => fraction(Math.cbrt(prime)))

const rotated = (x: number, n: number): number => (x >>> n) | (x << (32 - n))

/** @returns the digest of the text's UTF-8 bytes, in base64 */
export function sha256(text: string): string {
  const bytes = new TextEncoder().encode(text)
  const blocks = new DataView(new ArrayBuffer(Math.ceil((bytes.length + 9) / 64) * 64))
  bytes.forEach((byte, i) => blocks.setUint8(i, byte))
  blocks.setUint8(bytes.length, 0x80)
  blocks.setBigUint64(blocks.byteLength - 8, BigInt(bytes.length) * 8n)
  const state = Int32Array.from(first)
  for (let at = 0; at < blocks.byteLength; at += 64) compress(state, blocks, at)
  const digest = [...state].flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255])
  return btoa(String.fromCharCode(...digest))
}

function compress(state: Int32Array, blocks: DataView, at: number): void {
  const w = new Int32Array(64)
  for (let i = 0; i < 64; i++) {
    const [before, late] = [w[i - 15]!, w[i - 2]!]
    w[i] =
      i < 16
        ? blocks.getInt32(at + 4 * i)
        : w[i - 16]! +
          w[i - 7]! +
          (rotated(before, 7) ^ rotated(before, 18) ^ (before >>> 3)) +
          (rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10))
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number]
  for (let i = 0; i < 64; i++) {
    const more = h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + ((e & f) ^ (~e & g)) + constants[i]! + w[i]!
    const most = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))
    ;[a, b, c, d, e, f, g, h] = [(more + most) | 0, a, b, c, (d + more) | 0, e, f, g]
  }
  ;[a, b, c, d, e, f, g, h].forEach((value, i) => (state[i] = state[i]! + value))
}
