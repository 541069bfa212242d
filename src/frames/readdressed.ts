import { addressBytes } from './addresses.js'
import type { IpPacket } from './packet.js'

/**
 * An IPv6 packet as it was before its destination was translated, to be quoted: its checksums stay as they are.
 * @param port of the destination, for a packet that has ports; undefined: the one that it has
 */
export function readdressed(packet: IpPacket, destination: string, port?: number): IpPacket {
  const bytes = Buffer.from(packet.bytes)
  bytes.set(addressBytes(destination), 24)
  const payload = bytes.subarray(bytes.length - packet.payload.length)
  if (port !== undefined && packet.ports) payload.writeUInt16BE(port, 2)
  return { ...packet, destination, bytes, payload }
}
