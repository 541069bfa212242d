/** Texts of values, with and without masks, for fields of every form. */
import fc from 'fast-check'

export type Text = fc.Arbitrary<string>

const hexOf = (value: bigint): string => `0x${value.toString(16)}`

/** All numbers of so many bits; small ones, powers of two and the largest are frequent. */
export function integer(bits: number, least = 0n): fc.Arbitrary<bigint> {
  const max = (1n << BigInt(bits)) - 1n
  const all = fc.oneof(
    fc.bigInt({ min: 0n, max }),
    fc.bigInt({ min: 0n, max: max < 9n ? max : 9n }),
    fc.nat({ max: bits - 1 }).map((bit) => 1n << BigInt(bit)),
    fc.constant(max),
  )
  return all.map((value) => (value < least ? least : value))
}

export function number(bits: number, least = 0): Text {
  return integer(bits, BigInt(least)).chain((value) =>
    fc.constantFrom(bits > 64 ? hexOf(value) : String(value), hexOf(value)),
  )
}

/** A number that may have a mask, which is not empty. */
export function masked(bits: number): Text {
  return fc.oneof(
    number(bits),
    fc.tuple(integer(bits), integer(bits, 1n)).map(([value, mask]) => `${hexOf(value)}/${hexOf(mask)}`),
  )
}

const bytes = (count: number): fc.Arbitrary<string> =>
  fc
    .array(fc.nat({ max: 255 }), { minLength: count, maxLength: count })
    .map((list) => list.map((byte) => byte.toString(16).padStart(2, '0')).join(':'))

export const mac: Text = bytes(6)
export const maskedMac: Text = fc.oneof(
  mac,
  fc
    .tuple(
      mac,
      mac.filter((mask) => mask !== '00:00:00:00:00:00'),
    )
    .map(([value, mask]) => `${value}/${mask}`),
)

export const ipv4: Text = fc
  .array(fc.nat({ max: 255 }), { minLength: 4, maxLength: 4 })
  .map((parts) => parts.join('.'))
export const maskedIpv4: Text = fc.oneof(
  ipv4,
  fc.tuple(ipv4, fc.integer({ min: 1, max: 32 })).map(([address, prefix]) => `${address}/${prefix}`),
  fc
    .tuple(
      ipv4,
      ipv4.filter((mask) => mask !== '0.0.0.0'),
    )
    .map(([address, mask]) => `${address}/${mask}`),
)

/** Addresses with runs of zeros, as they are written short. */
export const ipv6: Text = fc
  .array(fc.oneof(fc.constant(0), fc.nat({ max: 0xffff })), { minLength: 8, maxLength: 8 })
  .map((parts) => parts.map((part) => part.toString(16)).join(':'))
export const maskedIpv6: Text = fc.oneof(
  ipv6,
  fc.tuple(ipv6, fc.integer({ min: 1, max: 128 })).map(([address, prefix]) => `${address}/${prefix}`),
)

/** Some of the flags, each to be set or not. */
export function flags(names: readonly string[]): Text {
  return fc
    .subarray([...names], { minLength: 1 })
    .chain((chosen) =>
      fc
        .tuple(...chosen.map((name) => fc.constantFrom(`+${name}`, `-${name}`)))
        .map((parts) => parts.join('')),
    )
}

/** A part of a field: `name[]`, `name[3]` or `name[0..7]`. */
export function subfield(names: readonly (readonly [name: string, bits: number])[], most = 64): Text {
  return fc.constantFrom(...names).chain(([name, bits]) =>
    fc
      .tuple(fc.nat({ max: bits - 1 }), fc.nat({ max: bits - 1 }))
      .map(([a, b]) => [Math.min(a, b), Math.min(Math.max(a, b), Math.min(a, b) + most - 1)] as const)
      .map(([from, to]) => (from === to ? `${name}[${from}]` : `${name}[${from}..${to}]`)),
  )
}

/** A number in decimal digits, where no others are read. */
export const decimal = (max: number, min = 0): Text => fc.integer({ min, max }).map(String)
