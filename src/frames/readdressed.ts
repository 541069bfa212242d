import { addressBytes } from './addresses.js'
import { checksum } from './checksum.js'
import type { IpPacket } from './packet.js'

/**
 * A packet as it was before its destination was translated, to be quoted: the checksum of its payload stays as it is.
 * @param port of the destination, for a packet that has ports; undefined: the one that it has
 */
export function readdressed(packet: IpPacket, destination: string, port?: number): IpPacket {
  const bytes = Buffer.from(packet.bytes)
  if (destination.includes(':')) bytes.set(addressBytes(destination), 24)
  else {
    bytes.set(addressBytes(destination), 16)
    bytes.writeUInt16BE(0, 10)
    bytes.writeUInt16BE(checksum(bytes.subarray(0, 4 * (bytes.readUInt8(0) & 0xf))), 10)
  }
  const payload = bytes.subarray(bytes.length - packet.payload.length)
  if (port !== undefined && packet.ports) payload.writeUInt16BE(port, 2)
  return { ...packet, destination, bytes, payload }
}
