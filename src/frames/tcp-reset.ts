import { checksumWithAddresses, ipPacket } from './headers.js'
import type { IpPacket } from './packet.js'
import { protocol } from './protocols.js'
import { tcpFlag as flag } from './tcp-flags.js'

const headerLength = 20

/**
 * The packet by which a closed port answers a segment (RFC 9293 §3.10.7.1); undefined for a reset, or for what is no
 * whole header.
 */
export function tcpReset({ source, destination, payload }: IpPacket): Buffer | undefined {
  if (payload.length < headerLength) return undefined
  const dataOffset = 4 * (payload.readUInt8(12) >>> 4)
  const flags = payload.readUInt8(13)
  if (dataOffset < headerLength || dataOffset > payload.length || flags & flag.rst) return undefined
  const reset = Buffer.alloc(headerLength)
  reset.writeUInt16BE(payload.readUInt16BE(2), 0)
  reset.writeUInt16BE(payload.readUInt16BE(0), 2)
  reset.writeUInt8((headerLength / 4) << 4, 12)
  if (flags & flag.ack) {
    reset.writeUInt32BE(payload.readUInt32BE(8), 4)
    reset.writeUInt8(flag.rst, 13)
  } else {
    // SYN and FIN take a sequence number each (RFC 9293 §3.4).
    const length = payload.length - dataOffset + (flags & flag.syn ? 1 : 0) + (flags & flag.fin ? 1 : 0)
    reset.writeUInt32BE((payload.readUInt32BE(4) + length) >>> 0, 8)
    reset.writeUInt8(flag.rst | flag.ack, 13)
  }
  const header = { source: destination, destination: source, protocol: protocol.tcp, hops: 64 }
  reset.writeUInt16BE(checksumWithAddresses(header, reset), 16)
  return ipPacket(header, reset)
}
