import { isAnswerable } from './answerable.js'
import { checksum } from './checksum.js'
import { checksumWithAddresses, ipPacket } from './headers.js'
import type { IpPacket } from './packet.js'
import { protocol } from './protocols.js'

/** Type and code of ICMP (RFC 792, RFC 1812 §5.2.7) and of ICMPv6 (RFC 4443 §3). */
const problems = {
  noRoute: [3, 0, 1, 0],
  noHost: [3, 1, 1, 3],
  noPort: [3, 3, 1, 4],
  prohibited: [3, 13, 1, 1],
  tooLarge: [3, 4, 2, 0],
  hopsExceeded: [11, 0, 3, 0],
} as const

/** Why a packet could not be delivered. */
export type Problem = keyof typeof problems

export interface IcmpErrorOptions {
  readonly problem: Problem
  /** Address of who tells of it. */
  readonly source: string
  /** What would have fitted, for `tooLarge`: bytes of an IP packet. */
  readonly mtu?: number
}

const headLength = 8
/** The whole datagram is at most 576 bytes (RFC 1812 §4.3.2.3). */
const quoteLength = 576 - 20 - headLength
/** Precedence "internetwork control" (RFC 1812 §4.3.2.5). */
const internetworkControl = 0xc0
/** In at most the smallest MTU (RFC 4443 §2.4). */
const quoteLength6 = 1280 - 40 - headLength

/** The packet that tells a sender what became of its own, which it quotes; undefined for one that nothing may answer. */
export function icmpError(
  packet: IpPacket,
  { problem, source, mtu = 0 }: IcmpErrorOptions,
): Buffer | undefined {
  if (!isAnswerable(packet)) return undefined
  const [type, code, type6, code6] = problems[problem]
  const to = { source, destination: packet.source, hops: 64 }
  const head = Buffer.alloc(headLength)
  if (source.includes(':')) {
    head.set([type6, code6])
    head.writeUInt32BE(mtu, 4)
    const message = Buffer.concat([head, asWhole(packet).subarray(0, quoteLength6)])
    const header = { ...to, protocol: protocol.icmp6 }
    message.writeUInt16BE(checksumWithAddresses(header, message), 2)
    return ipPacket(header, message)
  }
  head.set([type, code])
  head.writeUInt16BE(mtu, 6)
  const message = Buffer.concat([head, asWhole(packet).subarray(0, quoteLength)])
  message.writeUInt16BE(checksum(message), 2)
  return ipPacket({ ...to, protocol: protocol.icmp, service: internetworkControl }, message)
}

/**
 * The packet as if no fragment followed: conntrack of Open vSwitch translates no error that quotes a fragment, and to
 * its sender the two are the same datagram.
 */
function asWhole({ bytes, source, fragmentHeader }: IpPacket): Buffer {
  if (source.includes(':')) {
    if (fragmentHeader === undefined) return bytes
    const whole = Buffer.from(bytes)
    whole.writeUInt16BE(0, fragmentHeader + 2)
    return whole
  }
  const moreFragments = 0x2000
  const flags = bytes.readUInt16BE(6)
  if (!(flags & moreFragments)) return bytes
  const whole = Buffer.from(bytes)
  whole.writeUInt16BE(flags & ~moreFragments, 6)
  whole.writeUInt16BE(0, 10)
  whole.writeUInt16BE(checksum(whole.subarray(0, 4 * (whole.readUInt8(0) & 0xf))), 10)
  return whole
}
