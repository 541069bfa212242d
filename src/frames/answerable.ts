import type { IpPacket } from './packet.js'
import { protocol } from './protocols.js'

/** ICMP types that are errors (RFC 1122 §3.2.2). */
const errors: readonly number[] = [3, 4, 5, 11, 12]
/** ICMPv6 types below this are errors; a redirect is treated like one (RFC 4443 §2.1 and §2.4). */
const firstInformation6 = 128
const redirect6 = 137

/**
 * Whether anything may be sent because of a packet: neither a later fragment nor an ICMP error, neither from nor to a
 * group, by frame or by packet (RFC 1812 §4.3.2.7, RFC 4443 §2.4, RFC 1122 §4.2.3.10).
 */
export function isAnswerable(packet: IpPacket): boolean {
  const { macSource, macDestination, source, destination, isLaterFragment } = packet
  return (
    !isLaterFragment &&
    !isError(packet) &&
    [macSource, macDestination].every(isOfOne) &&
    [source, destination].every(isStation)
  )
}

function isError({ protocol: of, icmp }: IpPacket): boolean {
  if (!icmp) return false
  if (of === protocol.icmp) return errors.includes(icmp.type)
  return icmp.type < firstInformation6 || icmp.type === redirect6
}

/** Whether a MAC is of one interface: a group's has the lowest bit of its first byte set (IEEE 802, §8.2). */
export function isOfOne(mac: string): boolean {
  return Number.parseInt(mac.slice(0, 2), 16) % 2 === 0
}

/**
 * Whether an address is of one station that others can reach: no group, no loopback, not unspecified. One of the block
 * 240.0.0.0/4 is: between two translations workloads have such.
 */
function isStation(address: string): boolean {
  if (address.includes(':')) return !address.startsWith('ff') && address !== '::' && address !== '::1'
  const first = Number.parseInt(address, 10)
  return first !== 0 && first !== 127 && (first < 224 || first >= 240) && address !== '255.255.255.255'
}
