/** Addresses as numbers: texts are canonical, as rows have them. */
import { addressBits, formatBlock, parseBlock } from '../model/block.js'

export type Version = 4 | 6

/** The addresses from `first` to `last`, which begin with the same `prefix` bits. */
export interface Block {
  readonly text: string
  readonly version: Version
  readonly prefix: number
  readonly first: bigint
  readonly last: bigint
}

export const bitsOf = addressBits

export function versionOf(address: string): Version {
  return address.includes(':') ? 6 : 4
}

/** Text of an address; that of IPv6 is not the shortest. */
export function addressOf(version: Version, value: bigint): string {
  const text = formatBlock({ family: version, bits: value, length: bitsOf[version] })
  return text.slice(0, text.indexOf('/'))
}

export function blockOf(cidr: string): Block {
  const { family: version, bits: first, length: prefix } = parseBlock(cidr)
  return { text: cidr, version, prefix, first, last: first + (1n << BigInt(bitsOf[version] - prefix)) - 1n }
}
