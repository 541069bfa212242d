/**
 * Addresses and CIDR blocks, read and checked: outside of this file an address is canonical text (IPv6 as RFC 5952 writes
 * it), so that equal addresses are equal strings.
 */
import { isIP } from 'node:net'
import { addressNumber } from '../model/block.js'
import { interfaceIdentifier } from '../model/interface-identifier.js'

export type Family = 4 | 6

/** An address as a number, with its family. */
export interface Address {
  readonly family: Family
  readonly value: bigint
}

/** A CIDR block: `first` and `last` are its lowest and highest address. */
export interface Block {
  readonly family: Family
  readonly prefix: number
  readonly first: bigint
  readonly last: bigint
}

/** Reads an IPv4 or IPv6 address; undefined where the text is none, or has an IPv6 zone. */
export function parseAddress(text: string): Address | undefined {
  const family = isIP(text)
  if ((family !== 4 && family !== 6) || text.includes('%')) return undefined
  return { family, value: addressNumber(text) }
}

/** Canonical text of an address. */
export function formatAddress({ family, value }: Address): string {
  if (family === 4) return [24, 16, 8, 0].map((shift) => (Number(value) >>> shift) & 0xff).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16))
  return compress(groups)
}

/** RFC 5952, section 4.2: the first of the longest runs of two or more zero groups becomes `::`. */
function compress(groups: readonly string[]): string {
  let best = { at: 0, length: 1 }
  for (let at = 0; at < groups.length; at++) {
    let length = 0
    while (groups[at + length] === '0') length++
    if (length > best.length) best = { at, length }
  }
  if (best.length < 2) return groups.join(':')
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`
}

/** Reads a CIDR block; host bits may be set, `first` has them cleared. Undefined where the text is none. */
export function parseBlock(text: string): Block | undefined {
  const parts = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text)
  const address = parts?.[1] === undefined ? undefined : parseAddress(parts[1])
  if (address === undefined) return undefined
  const bits = address.family === 4 ? 32 : 128
  const prefix = Number(parts?.[2])
  if (prefix > bits) return undefined
  const size = 1n << BigInt(bits - prefix)
  const first = address.value - (address.value % size)
  return { family: address.family, prefix, first, last: first + size - 1n }
}

/** Canonical text of a block. */
export function formatBlock({ family, prefix, first }: Block): string {
  return `${formatAddress({ family, value: first })}/${prefix}`
}

/** Addresses from `first` to `last`, both included. */
export interface AddressRange {
  readonly family: Family
  readonly first: bigint
  readonly last: bigint
}

/** The addresses from one to another; undefined where the other is of another family, or below. */
export function rangeBetween(first: Address, last: Address): AddressRange | undefined {
  if (first.family !== last.family || last.value < first.value) return undefined
  return { family: first.family, first: first.value, last: last.value }
}

/** Reads `FIRST-LAST`; undefined where the text is no range. */
export function parseRange(text: string): AddressRange | undefined {
  const [first, last] = text.split('-').map(parseAddress)
  return first && last && rangeBetween(first, last)
}

/** Canonical text of a range. */
export function formatRange({ family, first, last }: AddressRange): string {
  return [first, last].map((value) => formatAddress({ family, value })).join('-')
}

/** Whether the block has this address. */
export function contains(block: Block, address: Address): boolean {
  return block.family === address.family && block.first <= address.value && address.value <= block.last
}

/** Whether the two blocks share an address. */
export function overlap(a: Block, b: Block): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last
}

/**
 * The lowest and highest address of a block that a station may have. IPv4 leaves out the network and the broadcast
 * address unless the block has none (RFC 3021: /31, and /32); IPv6 leaves out the subnet-router anycast address
 * (RFC 4291, section 2.6.1) likewise.
 */
export function stationRange({ family, prefix, first, last }: Block): { first: bigint; last: bigint } {
  const bits = family === 4 ? 32 : 128
  if (bits - prefix < 2) return { first, last }
  return { first: first + 1n, last: family === 4 ? last - 1n : last }
}

/** Whether a station may have this address of the block. */
export function isStation(block: Block, address: Address): boolean {
  const range = stationRange(block)
  return contains(block, address) && range.first <= address.value && address.value <= range.last
}

/** The address that a station with this MAC forms by itself in a block of IPv6 (RFC 4862, section 5.5.3). */
export function formedAddress({ first }: Block, mac: string): Address {
  return { family: 6, value: first + interfaceIdentifier(mac) }
}

/** Multicast, loopback and unspecified addresses, which no station has. */
export function isUnicast({ family, value }: Address): boolean {
  if (family === 4) return value >> 24n !== 0n && value >> 24n !== 127n && value >> 28n < 14n
  return value > 1n && value >> 120n !== 0xffn
}
