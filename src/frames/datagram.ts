import { checksumWithAddresses, ethernetHeader, etherTypeOf, ipPacket } from './headers.js'
import type { IpPacket } from './packet.js'
import { protocol } from './protocols.js'

/** Where a UDP datagram comes from or goes to. */
export interface Endpoint {
  readonly mac: string
  readonly address: string
  readonly port: number
}

const headerLength = 8

/** A UDP datagram in its frame (RFC 768), of the family of its addresses; it must fit one packet. */
export function datagram(from: Endpoint, to: Endpoint, data: Buffer): Buffer {
  const header = { source: from.address, destination: to.address, protocol: protocol.udp, hops: 64 }
  const udp = Buffer.alloc(headerLength)
  udp.writeUInt16BE(from.port)
  udp.writeUInt16BE(to.port, 2)
  udp.writeUInt16BE(headerLength + data.length, 4)
  const payload = Buffer.concat([udp, data])
  // Zero would say that there is no checksum.
  payload.writeUInt16BE(checksumWithAddresses(header, payload) || 0xffff, 6)
  return Buffer.concat([ethernetHeader(to.mac, from.mac, etherTypeOf(header)), ipPacket(header, payload)])
}

/** What a UDP datagram carries; undefined where the packet is none, a fragment, or shorter than it says. */
export function datagramData(packet: IpPacket): Buffer | undefined {
  const { payload } = packet
  if (packet.protocol !== protocol.udp || packet.isLaterFragment || payload.length < headerLength)
    return undefined
  const length = payload.readUInt16BE(4)
  return length < headerLength || length > payload.length ? undefined : payload.subarray(headerLength, length)
}
