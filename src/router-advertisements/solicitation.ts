import type { IpPacket } from '../frames/packet.js'
import { protocol } from '../frames/protocols.js'

const routerSolicitation = 133
const headerLength = 8
/** Nobody but a neighbour can send this (RFC 4861 §6.1.1). */
const hopLimit = 255

/** Whether a packet is a router solicitation that may be answered (RFC 4861 §6.1.1). */
export function isSolicitation({ protocol: of, icmp, source, bytes, payload }: IpPacket): boolean {
  if (of !== protocol.icmp6 || icmp?.type !== routerSolicitation || icmp.code !== 0) return false
  if (bytes[7] !== hopLimit || payload.length < headerLength) return false
  for (let at = headerLength; at < payload.length; ) {
    const [type, units] = [payload[at], payload[at + 1]]
    if (!units || at + 8 * units > payload.length) return false
    // Who has no address yet cannot be asked where it is.
    if (type === 1 && source === '::') return false
    at += 8 * units
  }
  return true
}
