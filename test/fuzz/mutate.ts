/** Random damage to bytes, the same for the same seed. */

/** Numbers from 0 up to, not including, `below`. */
export type Random = (below: number) => number

/** xorshift128 (Marsaglia, 2003): fast, and good enough to choose damage. */
export function randomOf(seed: number): Random {
  let [a, b, c, d] = [seed | 1, 0x9e3779b9, 0x243f6a88, 0xb7e15162]
  return (below) => {
    const t = a ^ (a << 11)
    a = b
    b = c
    c = d
    d = d ^ (d >>> 19) ^ t ^ (t >>> 8)
    return (d >>> 0) % below
  }
}

const interesting = [0, 1, 4, 7, 8, 0x7f, 0x80, 0xfe, 0xff]

function change(bytes: Buffer, random: Random): Buffer {
  const at = random(bytes.length + 1)
  switch (random(8)) {
    case 0:
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8))
      return bytes
    case 1:
      if (at < bytes.length) bytes[at] = random(256)
      return bytes
    case 2:
      if (at < bytes.length) bytes[at] = interesting[random(interesting.length)] ?? 0
      return bytes
    case 3:
      // Lengths are 16 bits: near the true ones they do most harm.
      if (at + 2 <= bytes.length) bytes.writeUInt16BE((bytes.readUInt16BE(at) + random(33) - 16) & 0xffff, at)
      return bytes
    case 4:
      if (at + 2 <= bytes.length) bytes.writeUInt16BE(random(bytes.length + 16), at)
      return bytes
    case 5:
      return bytes.subarray(0, at)
    case 6:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(random(at + 1), at), bytes.subarray(at)])
    default:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + random(24)))])
  }
}

/** A damaged copy: one to six changes, at times joined with a piece of another sample. */
export function mutate(samples: readonly Buffer[], random: Random): Buffer {
  const sample = samples[random(samples.length)] ?? Buffer.alloc(0)
  let bytes: Buffer = Buffer.from(sample)
  if (random(16) === 0) {
    const other = samples[random(samples.length)] ?? sample
    bytes = Buffer.concat([
      bytes.subarray(0, random(bytes.length + 1)),
      other.subarray(random(other.length + 1)),
    ])
  }
  for (let rounds = 1 + random(6); rounds > 0; rounds--) bytes = change(bytes, random)
  return bytes.length > 0xffff ? Buffer.from(bytes.subarray(0, 0xffff)) : bytes
}
