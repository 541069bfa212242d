import { checksumWithAddresses, ipFrame, ipPacket } from './headers.js'
import type { IpPacket } from './packet.js'
import { protocol } from './protocols.js'

/** From where to where a datagram goes. */
export interface UdpHeader {
  readonly macSource: string
  readonly macDestination: string
  readonly source: string
  readonly destination: string
  readonly ports: { readonly source: number; readonly destination: number }
}

const headerLength = 8
const hops = 64

/** A UDP datagram (RFC 768) in an untagged Ethernet frame; the IP version is that of its addresses. */
export function udpFrame(header: UdpHeader, payload: Buffer): Buffer {
  const { macSource, macDestination, source, destination, ports } = header
  const ip = { source, destination, protocol: protocol.udp, hops }
  const datagram = Buffer.concat([Buffer.alloc(headerLength), payload])
  datagram.writeUInt16BE(ports.source, 0)
  datagram.writeUInt16BE(ports.destination, 2)
  datagram.writeUInt16BE(datagram.length, 4)
  // Zero would say that there is none.
  datagram.writeUInt16BE(checksumWithAddresses(ip, datagram) || 0xffff, 6)
  return ipFrame(macDestination, macSource, ipPacket(ip, datagram))
}

/**
 * What a UDP packet carries; undefined for any other packet, a fragment, or a length that is more than there is. The
 * checksum is not looked at: where a sender leaves it to its device, there is none yet.
 */
export function readDatagram({ protocol: of, payload, isLaterFragment }: IpPacket): Buffer | undefined {
  if (of !== protocol.udp || isLaterFragment || payload.length < headerLength) return undefined
  const length = payload.readUInt16BE(4)
  if (length < headerLength || length > payload.length) return undefined
  return payload.subarray(headerLength, length)
}
