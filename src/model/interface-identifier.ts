import { parseBlock } from './block.js'

/** The 64 bits that a station makes of its MAC for the end of its addresses (modified EUI-64, RFC 4291, appendix A). */
export function interfaceIdentifier(mac: string): bigint {
  const digits = mac.replaceAll(':', '')
  const universalBit = 0x02n << 56n
  return BigInt(`0x${digits.slice(0, 6)}fffe${digits.slice(6)}`) ^ universalBit
}

/** Whether an address is the one that a station with this MAC forms by itself in a subnet (RFC 4862 §5.5.3). */
export function isAutonomous(address: string, mac: string, subnet6: string): boolean {
  const { bits, length } = parseBlock(subnet6)
  return length === 64 && parseBlock(`${address}/128`).bits === bits + interfaceIdentifier(mac)
}
