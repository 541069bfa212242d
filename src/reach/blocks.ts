import { addressNumber } from '../model/block.js'
import { bitsOf, blockOf, versionOf } from './address.js'

/** Whether one of the CIDR blocks has the address. */
export type Blocks = (address: string) => boolean

/** Blocks by version and length: an address is sought once for each length that there is. */
export function blocksOf(cidrs: readonly string[]): Blocks {
  const lengths = { 4: new Map<number, Set<bigint>>(), 6: new Map<number, Set<bigint>>() }
  for (const { version, prefix, first } of cidrs.map(blockOf)) {
    const shift = bitsOf[version] - prefix
    const found = lengths[version].get(shift)
    if (found === undefined) lengths[version].set(shift, new Set([first >> BigInt(shift)]))
    else found.add(first >> BigInt(shift))
  }
  return (address) => {
    const value = addressNumber(address)
    return [...lengths[versionOf(address)]].some(([shift, firsts]) => firsts.has(value >> BigInt(shift)))
  }
}

export function inBlock(cidr: string | undefined, address: string): boolean {
  return cidr !== undefined && blocksOf([cidr])(address)
}
