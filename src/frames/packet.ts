import { ipv4Text, ipv6Text, macText } from './addresses.js'
import { etherType, protocol } from './protocols.js'

/** An IP packet in an untagged Ethernet frame. */
export interface IpPacket {
  readonly macSource: string
  readonly macDestination: string
  readonly source: string
  readonly destination: string
  /** Of the payload; behind IPv6's extension headers, or the first of them that says nothing more. */
  readonly protocol: number
  /** The whole packet from its IP header on, without the frame's padding. */
  readonly bytes: Buffer
  /** What follows the IP header and its extensions. */
  readonly payload: Buffer
  /** It is a fragment other than the first: the payload begins in the middle of something. */
  readonly isLaterFragment: boolean
  /** Where IPv6's fragment header begins in `bytes`, if there is one. */
  readonly fragmentHeader?: number
  /** Of TCP, UDP and SCTP. */
  readonly ports?: { readonly source: number; readonly destination: number }
  readonly icmp?: { readonly type: number; readonly code: number }
}

const ethernetLength = 14
const withPorts: readonly number[] = [protocol.tcp, protocol.udp, protocol.sctp]
const withTypes: readonly number[] = [protocol.icmp, protocol.icmp6]

/** Reads a frame; undefined for one that holds no IP packet, or one that contradicts its own lengths. */
export function readPacket(frame: Buffer): IpPacket | undefined {
  if (frame.length < ethernetLength) return undefined
  const type = frame.readUInt16BE(12)
  const rest = frame.subarray(ethernetLength)
  const part = type === etherType.ipv4 ? readIpv4(rest) : type === etherType.ipv6 ? readIpv6(rest) : undefined
  if (!part) return undefined
  const packet = { macDestination: macText(frame, 0), macSource: macText(frame, 6), ...part }
  const { payload } = part
  if (part.isLaterFragment) return packet
  if (withPorts.includes(part.protocol)) {
    if (payload.length < 4) return undefined
    return { ...packet, ports: { source: payload.readUInt16BE(0), destination: payload.readUInt16BE(2) } }
  }
  if (withTypes.includes(part.protocol)) {
    if (payload.length < 2) return undefined
    return { ...packet, icmp: { type: payload.readUInt8(0), code: payload.readUInt8(1) } }
  }
  return packet
}

type IpPart = Pick<
  IpPacket,
  'source' | 'destination' | 'protocol' | 'bytes' | 'payload' | 'isLaterFragment' | 'fragmentHeader'
>

/** RFC 791 §3.1. */
function readIpv4(rest: Buffer): IpPart | undefined {
  if (rest.length < 20 || rest.readUInt8(0) >>> 4 !== 4) return undefined
  const headerLength = 4 * (rest.readUInt8(0) & 0xf)
  const totalLength = rest.readUInt16BE(2)
  if (headerLength < 20 || totalLength < headerLength || totalLength > rest.length) return undefined
  const bytes = rest.subarray(0, totalLength)
  return {
    source: ipv4Text(bytes, 12),
    destination: ipv4Text(bytes, 16),
    protocol: bytes.readUInt8(9),
    bytes,
    payload: bytes.subarray(headerLength),
    isLaterFragment: (bytes.readUInt16BE(6) & 0x1fff) !== 0,
  }
}

/** RFC 8200 §3. */
function readIpv6(rest: Buffer): IpPart | undefined {
  if (rest.length < 40 || rest.readUInt8(0) >>> 4 !== 6) return undefined
  const totalLength = 40 + rest.readUInt16BE(4)
  if (totalLength > rest.length) return undefined
  const bytes = rest.subarray(0, totalLength)
  const found = behindExtensions(bytes)
  if (!found) return undefined
  return {
    source: ipv6Text(bytes, 8),
    destination: ipv6Text(bytes, 24),
    protocol: found.protocol,
    bytes,
    payload: bytes.subarray(found.at),
    isLaterFragment: found.isLaterFragment,
    ...(found.fragmentHeader !== undefined && { fragmentHeader: found.fragmentHeader }),
  }
}

/** Extension headers (RFC 8200 §4): their number, and how a length in their second byte counts in bytes. */
const extensions: ReadonlyMap<number, (length: number) => number> = new Map([
  [0, (length: number) => 8 * (length + 1)],
  [43, (length: number) => 8 * (length + 1)],
  [60, (length: number) => 8 * (length + 1)],
  // Authentication header (RFC 4302 §2.2).
  [51, (length: number) => 4 * (length + 2)],
])
const fragment = 44

interface BehindExtensions {
  readonly protocol: number
  readonly at: number
  readonly isLaterFragment: boolean
  readonly fragmentHeader: number | undefined
}

function behindExtensions(bytes: Buffer): BehindExtensions | undefined {
  let next = bytes.readUInt8(6)
  let fragmentHeader: number | undefined
  for (let at = 40; ; ) {
    const size = extensions.get(next)
    if (!size && next !== fragment) return { protocol: next, at, isLaterFragment: false, fragmentHeader }
    if (at + 8 > bytes.length) return undefined
    if (next === fragment) fragmentHeader ??= at
    const isLaterFragment = next === fragment && bytes.readUInt16BE(at + 2) >>> 3 !== 0
    const end = at + (size ? size(bytes.readUInt8(at + 1)) : 8)
    if (end > bytes.length) return undefined
    next = bytes.readUInt8(at)
    at = end
    if (isLaterFragment) return { protocol: next, at, isLaterFragment, fragmentHeader }
  }
}
