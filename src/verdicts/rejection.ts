import { ethernetHeader, etherTypeOf, tagged } from '../frames/headers.js'
import type { IpPacket } from '../frames/packet.js'
import { protocol } from '../frames/protocols.js'
import { tcpReset } from './tcp-reset.js'
import { unreachable } from './unreachable.js'

/**
 * The frame that tells a sender that its packet was refused: a reset for TCP, destination unreachable for everything
 * else. It comes from where the packet was to go, with the sender's VLAN tag. Undefined for a packet that must not be answered.
 */
export function rejection(packet: IpPacket, tag?: number): Buffer | undefined {
  if (packet.isLaterFragment || !isBetweenStations(packet)) return undefined
  const answer = packet.protocol === protocol.tcp ? tcpReset(packet) : unreachable(packet)
  if (!answer) return undefined
  const header = ethernetHeader(packet.macSource, packet.macDestination, etherTypeOf(packet))
  return tagged(Buffer.concat([header, answer]), tag)
}

/** Neither from nor to a group, by frame or by packet (RFC 1812 §4.3.2.7, RFC 4443 §2.4, RFC 1122 §4.2.3.10). */
function isBetweenStations({ macSource, macDestination, source, destination }: IpPacket): boolean {
  return [macSource, macDestination].every(isOfOne) && [source, destination].every(isStation)
}

/** Whether a MAC is of one interface: a group's has the lowest bit of its first byte set (IEEE 802, §8.2). */
function isOfOne(mac: string): boolean {
  return Number.parseInt(mac.slice(0, 2), 16) % 2 === 0
}

/** Whether an address is of one station that others can reach: no group, no loopback, not unspecified. */
function isStation(address: string): boolean {
  if (address.includes(':')) return !address.startsWith('ff') && address !== '::' && address !== '::1'
  const first = Number.parseInt(address, 10)
  return first !== 0 && first !== 127 && first < 224
}
