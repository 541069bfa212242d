/** A packet as the match that only this packet's headers fulfil, as Open vSwitch prints packets. */
import { formatIpv4, formatIpv6, formatMac } from '../../addresses.js'
import { Reader } from '../../bytes.js'
import type { Match } from '../../match.js'
import { defaultPriority, formatMatch } from '../match.js'

const EtherType = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd } as const
const Protocol = { icmp: 1, tcp: 6, udp: 17, icmp6: 58, sctp: 132 } as const

interface Parsed {
  readonly match: Match
  /** The checksum behind the match, with its name. */
  readonly checksum?: string
}

function macAddress(r: Reader): string {
  return formatMac(r.u16(), r.u32())
}

function transport(r: Reader, protocol: number): Parsed {
  const at = r.offset
  const checksum = (name: string, offset: number) =>
    `${name}_csum:${r.buffer.readUInt16BE(at + offset).toString(16)}`
  if (protocol === Protocol.tcp && r.remaining >= 20) {
    const flags = r.buffer.readUInt16BE(at + 12) & 0xfff
    return { match: { tcpSrc: r.u16(), tcpDst: r.u16(), tcpFlags: flags }, checksum: checksum('tcp', 16) }
  }
  if (protocol === Protocol.udp && r.remaining >= 8)
    return { match: { udpSrc: r.u16(), udpDst: r.u16() }, checksum: checksum('udp', 6) }
  if (protocol === Protocol.sctp && r.remaining >= 12) {
    const sum = r.buffer.readUInt32BE(at + 8)
    return { match: { sctpSrc: r.u16(), sctpDst: r.u16() }, checksum: `sctp_csum:${sum.toString(16)}` }
  }
  if (protocol === Protocol.icmp && r.remaining >= 8)
    return { match: { icmpv4Type: r.u8(), icmpv4Code: r.u8() }, checksum: checksum('icmp', 2) }
  if (protocol === Protocol.icmp6 && r.remaining >= 4)
    return { match: { icmpv6Type: r.u8(), icmpv6Code: r.u8() }, checksum: checksum('icmp6', 2) }
  return { match: {} }
}

function ipv4(r: Reader): Parsed {
  const start = r.offset
  const headerSize = (r.u8() & 15) * 4
  const tos = r.u8()
  r.skip(4)
  const fragment = r.u16()
  const [ttl, protocol] = [r.u8(), r.u8()]
  r.skip(2)
  const later = (fragment & 0x1fff) !== 0
  const ipFrag = later ? 3 : (fragment & 0x2000) !== 0 ? 1 : 0
  const match: Match = {
    ethType: EtherType.ipv4,
    ipv4Src: formatIpv4(r.u32()),
    ipv4Dst: formatIpv4(r.u32()),
    ipProto: protocol,
    nwTos: tos & 0xfc,
    ipEcn: tos & 3,
    ipTtl: ttl,
    ipFrag,
  }
  r.skip(Math.max(0, headerSize - (r.offset - start)))
  if (later) return { match }
  const inner = transport(r, protocol)
  return { ...inner, match: { ...match, ...inner.match } }
}

function ipv6(r: Reader): Parsed {
  const first = r.u32()
  r.skip(2)
  const [protocol, ttl] = [r.u8(), r.u8()]
  const tos = (first >>> 20) & 0xff
  const match: Match = {
    ethType: EtherType.ipv6,
    ipv6Src: formatIpv6([r.u32(), r.u32(), r.u32(), r.u32()]),
    ipv6Dst: formatIpv6([r.u32(), r.u32(), r.u32(), r.u32()]),
    ipv6Flabel: first & 0xfffff,
    ipProto: protocol,
    nwTos: tos & 0xfc,
    ipEcn: tos & 3,
    ipTtl: ttl,
    ipFrag: 0,
  }
  const inner = transport(r, protocol)
  return { ...inner, match: { ...match, ...inner.match } }
}

function arp(r: Reader): Parsed {
  r.skip(6)
  const arpOp = r.u16()
  const [arpSha, arpSpa] = [macAddress(r), formatIpv4(r.u32())]
  const [arpTha, arpTpa] = [macAddress(r), formatIpv4(r.u32())]
  return { match: { ethType: EtherType.arp, arpOp: arpOp > 255 ? 0 : arpOp, arpSha, arpSpa, arpTha, arpTpa } }
}

function network(r: Reader, ethType: number): Parsed {
  if (ethType === EtherType.ipv4 && r.remaining >= 20) return ipv4(r)
  if (ethType === EtherType.ipv6 && r.remaining >= 40) return ipv6(r)
  if (ethType === EtherType.arp && r.remaining >= 28) return arp(r)
  return { match: { ethType } }
}

/** A line with the packet's headers; what they do not explain is left out. */
export function packetText(packet: Buffer): string {
  const r = new Reader(packet)
  if (r.remaining < 14) return '\n'
  const ethDst = macAddress(r)
  const ethSrc = macAddress(r)
  let ethType = r.u16()
  let vlanTci = 0
  if (ethType === EtherType.vlan && r.remaining >= 4) {
    vlanTci = r.u16() | 0x1000
    ethType = r.u16()
  }
  const { match, checksum } = network(r, ethType)
  const text = formatMatch({ vlanTci, ethSrc, ethDst, ...match }, { priority: defaultPriority })
  // A packet has all bits of the tag; a match on a packet without tag cares for fewer.
  const exact = text.replace('vlan_tci=0x0000/0x1fff', 'vlan_tci=0x0000')
  return `${exact}${checksum === undefined ? '' : ` ${checksum}`}\n`
}
