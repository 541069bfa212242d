import { isIP } from 'node:net'
import { IPv4, IPv6 } from 'ip-num'
import { LabError } from './error.js'

export type Family = 4 | 6

/** An address as a number: arithmetic on prefixes is the same for both families. */
export interface Address {
  readonly family: Family
  readonly value: bigint
}

const bitsOf = (family: Family): number => (family === 4 ? 32 : 128)

/** Reads `192.0.2.1` or `2001:db8::1`. Throws LabError `bad-plan` for anything else. */
export function parseAddress(text: string): Address {
  switch (isIP(text)) {
    case 4:
      return { family: 4, value: new IPv4(text).getValue() }
    case 6:
      return { family: 6, value: new IPv6(text).getValue() }
    default:
      throw new LabError('bad-plan', `${text} is not an IP address`)
  }
}

export function formatAddress({ family, value }: Address): string {
  if (family === 4) return new IPv4(value).toString()
  const groups = new IPv6(value).toString()
  return new URL(`http://[${groups}]/`).hostname.slice(1, -1)
}

/** Reads `192.0.2.1/24`: the address and its prefix length. Throws LabError `bad-plan`. */
export function parseInterfaceAddress(text: string): { address: Address; length: number } {
  const [, ip = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  const address = parseAddress(ip === '' ? text : ip)
  const length = Number(digits)
  if (digits === '' || length > bitsOf(address.family)) {
    throw new LabError('bad-plan', `${text} has no valid prefix length, expected ADDRESS/LENGTH`)
  }
  return { address, length }
}

/** Whether a block, `192.0.2.0/24`, has an address; false where one of the two is not what it should be. */
export function isInSubnet(text: string, subnet: string): boolean {
  const [base = '', digits = ''] = subnet.split('/')
  if (isIP(text) === 0 || isIP(text) !== isIP(base) || !/^\d{1,3}$/.test(digits)) return false
  const { first, last } = block(parseAddress(base), Number(digits))
  const { value } = parseAddress(text)
  return first <= value && value <= last
}

/** First and last number of the block of `length` bits around `address`. */
function block({ family, value }: Address, length: number): { first: bigint; last: bigint } {
  const size = 1n << BigInt(bitsOf(family) - length)
  const first = value - (value % size)
  return { first, last: first + size - 1n }
}

/**
 * The smallest prefix that covers all addresses of one family, none of them its first or last address, with
 * one more address free; and the lowest such free address. Throws LabError `bad-plan` for an empty list.
 */
export function coveringPrefix(addresses: readonly Address[]): { length: number; free: Address } {
  const [one] = addresses
  if (one === undefined) throw new LabError('bad-plan', 'no address to cover')
  const taken = new Set(addresses.map(({ value }) => value))
  for (let length = bitsOf(one.family) - 2; length >= 0; length--) {
    const { first, last } = block(one, length)
    if (![...taken].every((value) => value > first && value < last)) continue
    for (let value = first + 1n; value < last; value++) {
      if (!taken.has(value)) return { length, free: { family: one.family, value } }
    }
  }
  throw new LabError('bad-plan', 'no prefix covers the addresses')
}

/**
 * The station beside `outside`: address .250 of the same subnet, or its highest free address where
 * the subnet is too small for that.
 */
export function stationAddress(outside: string): string {
  const { address, length } = parseInterfaceAddress(outside)
  const { first, last } = block(address, length)
  const candidates = [first + 250n, last - 1n, last - 2n]
  const value = candidates.find((each) => each > first && each < last && each !== address.value)
  if (value === undefined) throw new LabError('bad-plan', `${outside} leaves no address for the station`)
  return `${formatAddress({ family: address.family, value })}/${length}`
}
