import { checksumWithAddresses, type IpHeader } from './headers.js'
import type { IpPacket } from './packet.js'
import { protocol } from './protocols.js'
import { readdressed } from './readdressed.js'

const checksumAt = 16

/** A TCP segment on its way to another station and port, as if it had been sent there; undefined for anything else. */
export function redirected(segment: IpPacket, destination: string, port: number): IpPacket | undefined {
  if (segment.protocol !== protocol.tcp || segment.payload.length < checksumAt + 2) return undefined
  const packet = readdressed(segment, destination, port)
  const header: IpHeader = { source: packet.source, destination, protocol: protocol.tcp, hops: 1 }
  packet.payload.writeUInt16BE(0, checksumAt)
  packet.payload.writeUInt16BE(checksumWithAddresses(header, packet.payload), checksumAt)
  return packet
}
