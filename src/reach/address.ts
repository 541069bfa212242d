/** Addresses as numbers: texts are canonical, as rows have them. */
import { isIPv4 } from 'node:net'

export type Version = 4 | 6

/** The addresses from `first` to `last`, which begin with the same `prefix` bits. */
export interface Block {
  readonly text: string
  readonly version: Version
  readonly prefix: number
  readonly first: bigint
  readonly last: bigint
}

export function versionOf(address: string): Version {
  return isIPv4(address) ? 4 : 6
}

export const bitsOf = { 4: 32, 6: 128 } as const

export function numberOf(address: string): bigint {
  if (isIPv4(address)) return join(address.split('.').map(BigInt), 8n)
  const [head = '', tail] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''))
  const zeros = Array<string>(tail === undefined ? 0 : 8 - head.length - tail.length).fill('0')
  return join(
    [...head, ...zeros, ...(tail ?? [])].map((group) => BigInt(`0x${group}`)),
    16n,
  )
}

function join(parts: readonly bigint[], bits: bigint): bigint {
  return parts.reduce((value, part) => (value << bits) | part, 0n)
}

/** Text of an address; that of IPv6 is not the shortest. */
export function addressOf(version: Version, value: bigint): string {
  const part = (shift: number, mask: bigint) => (value >> BigInt(shift)) & mask
  if (version === 4) return [24, 16, 8, 0].map((shift) => part(shift, 0xffn)).join('.')
  return Array.from({ length: 8 }, (_, n) => part(112 - 16 * n, 0xffffn).toString(16)).join(':')
}

export function blockOf(cidr: string): Block {
  const [address = '', length] = cidr.split('/')
  const version = versionOf(address)
  const prefix = Number(length)
  const first = numberOf(address)
  return { text: cidr, version, prefix, first, last: first + (1n << BigInt(bitsOf[version] - prefix)) - 1n }
}
