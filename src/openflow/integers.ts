/** Unsigned integers of so many bits. */

/** Each power of two up to 2^53. */
const powers = Float64Array.from({ length: 54 }, (_, bits) => 2 ** bits)

/** Whether the value is an unsigned integer of so many bits. */
export function fits(value: bigint, bits: number): boolean {
  if (bits === 64) return BigInt.asUintN(64, value) === value
  const power = powers[bits]
  if (power === undefined) return BigInt.asUintN(bits, value) === value
  // So far, rounding takes no number across a power of two.
  const number = Number(value)
  return number >= 0 && number < power
}
