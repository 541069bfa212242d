import { isAnswerable } from './answerable.js'
import { icmpError } from './icmp-error.js'
import type { IpPacket } from './packet.js'
import { protocol } from './protocols.js'
import { tcpReset } from './tcp-reset.js'

/**
 * The packet that tells a sender that its own was refused on the way: a reset for TCP, "administratively prohibited" for
 * everything else. It comes from where the packet was to go. Undefined for a packet that must not be answered.
 */
export function rejection(packet: IpPacket): Buffer | undefined {
  if (packet.protocol !== protocol.tcp)
    return icmpError(packet, { problem: 'prohibited', source: packet.destination })
  return isAnswerable(packet) ? tcpReset(packet) : undefined
}

/**
 * What a station says of a port that nobody listens on: a reset, or "port unreachable" for UDP. Undefined for what must
 * not be answered, and for protocols without ports.
 */
export function refusal(packet: IpPacket): Buffer | undefined {
  if (packet.protocol === protocol.udp)
    return icmpError(packet, { problem: 'noPort', source: packet.destination })
  return packet.protocol === protocol.tcp ? rejection(packet) : undefined
}
