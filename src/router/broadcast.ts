import { addressBits, contains, parseBlock } from '../model/block.js'

/** Whether an IPv4 address means every station of a subnet, or the subnet itself (RFC 1812 §4.2.3.1). */
export function isBroadcast(address: string, subnet: string): boolean {
  const block = parseBlock(subnet)
  const station = parseBlock(`${address}/${addressBits[address.includes(':') ? 6 : 4]}`)
  if (block.family !== 4 || !contains(block, station) || block.length > 30) return false
  const last = (1n << BigInt(addressBits[4] - block.length)) - 1n
  return station.bits === block.bits || station.bits === block.bits + last
}
