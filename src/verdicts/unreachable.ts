import { checksum } from '../frames/checksum.js'
import { checksumWithAddresses, ipPacket } from '../frames/headers.js'
import type { IpPacket } from '../frames/packet.js'
import { protocol } from '../frames/protocols.js'

const headLength = 8
/** Destination unreachable, communication administratively prohibited (RFC 1812 §5.2.7.1). */
const prohibited = {
  type: 3,
  code: 13,
  /** The whole datagram is at most 576 bytes (RFC 1812 §4.3.2.3). */
  quote: 576 - 20 - headLength,
  /** Precedence "internetwork control" (RFC 1812 §4.3.2.5). */
  service: 0xc0,
} as const
/** The same of ICMPv6, in at most the smallest MTU (RFC 4443 §2.4 and §3.1). */
const prohibited6 = { type: 1, code: 1, quote: 1280 - 40 - headLength, service: 0 } as const

/** ICMP types that are errors (RFC 1122 §3.2.2). */
const errors: readonly number[] = [3, 4, 5, 11, 12]
/** ICMPv6 types below this are errors; a redirect is treated like one (RFC 4443 §2.1 and §2.4). */
const firstInformation6 = 128
const redirect6 = 137

/** The packet that says that one was refused; undefined for an ICMP error, which nothing may answer. */
export function unreachable(packet: IpPacket): Buffer | undefined {
  if (isError(packet)) return undefined
  const { source, destination, bytes } = packet
  const is6 = source.includes(':')
  const { type, code, quote, service } = is6 ? prohibited6 : prohibited
  const message = Buffer.concat([Buffer.from([type, code, 0, 0, 0, 0, 0, 0]), bytes.subarray(0, quote)])
  const header = {
    source: destination,
    destination: source,
    protocol: is6 ? protocol.icmp6 : protocol.icmp,
    hops: 64,
    service,
  }
  message.writeUInt16BE(is6 ? checksumWithAddresses(header, message) : checksum(message), 2)
  return ipPacket(header, message)
}

function isError({ protocol: of, icmp }: IpPacket): boolean {
  if (!icmp) return false
  if (of === protocol.icmp) return errors.includes(icmp.type)
  return icmp.type < firstInformation6 || icmp.type === redirect6
}
