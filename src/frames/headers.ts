import { addressBytes, macBytes } from './addresses.js'
import { checksum } from './checksum.js'
import { etherType } from './protocols.js'

/** An Ethernet header (IEEE 802.3, §3.2). */
export function ethernetHeader(destination: string, source: string, type: number): Buffer {
  return Buffer.concat([macBytes(destination), macBytes(source), Buffer.from([type >>> 8, type & 0xff])])
}

/** A frame with a VLAN tag (IEEE 802.1Q, §9.6) before its EtherType; the frame itself where there is no tag. */
export function tagged(frame: Buffer, tag: number | undefined): Buffer {
  if (tag === undefined) return frame
  const inserted = Buffer.from([etherType.vlan >>> 8, etherType.vlan & 0xff, tag >>> 8, tag & 0xff])
  return Buffer.concat([frame.subarray(0, 12), inserted, frame.subarray(12)])
}

/** An IP packet in an Ethernet frame. */
export function ipFrame(destination: string, source: string, packet: Buffer): Buffer {
  const type = packet.readUInt8(0) >>> 4 === 6 ? etherType.ipv6 : etherType.ipv4
  return Buffer.concat([ethernetHeader(destination, source, type), packet])
}

/** What an IP header says. */
export interface IpHeader {
  readonly source: string
  readonly destination: string
  readonly protocol: number
  /** Time to live or hop limit, 1 to 255. */
  readonly hops: number
  /** The octet of type of service or traffic class; default: 0. */
  readonly service?: number
}

/** An IP packet (RFC 791 §3.1, RFC 8200 §3) that must not be fragmented; the family is that of its addresses. */
export function ipPacket(header: IpHeader, payload: Buffer): Buffer {
  return isVersion6(header) ? ipv6Packet(header, payload) : ipv4Packet(header, payload)
}

/**
 * The checksum of a payload together with the pseudo-header (RFC 9293 §3.1, RFC 8200 §8.1).
 * @param payload with zero where the checksum will stand
 */
export function checksumWithAddresses(header: IpHeader, payload: Buffer): number {
  const tail = Buffer.alloc(8)
  tail.writeUInt32BE(payload.length)
  tail.writeUInt8(header.protocol, 7)
  return checksum(
    Buffer.concat([addressBytes(header.source), addressBytes(header.destination), tail, payload]),
  )
}

function isVersion6({ source }: Pick<IpHeader, 'source'>): boolean {
  return source.includes(':')
}

const dontFragment = 0x4000

function ipv4Packet(header: IpHeader, payload: Buffer): Buffer {
  const { source, destination, protocol, hops, service = 0 } = header
  const start = Buffer.alloc(12)
  start.writeUInt8(0x45)
  start.writeUInt8(service, 1)
  start.writeUInt16BE(20 + payload.length, 2)
  start.writeUInt16BE(dontFragment, 6)
  start.writeUInt8(hops, 8)
  start.writeUInt8(protocol, 9)
  const head = Buffer.concat([start, addressBytes(source), addressBytes(destination)])
  head.writeUInt16BE(checksum(head), 10)
  return Buffer.concat([head, payload])
}

function ipv6Packet(header: IpHeader, payload: Buffer): Buffer {
  const { source, destination, protocol, hops, service = 0 } = header
  const start = Buffer.alloc(8)
  start.writeUInt32BE(((6 << 28) | (service << 20)) >>> 0)
  start.writeUInt16BE(payload.length, 4)
  start.writeUInt8(protocol, 6)
  start.writeUInt8(hops, 7)
  return Buffer.concat([start, addressBytes(source), addressBytes(destination), payload])
}
