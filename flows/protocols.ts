import type { Match } from '../src/openflow/flow.js'
import { family } from './addresses.js'

/** Numbers of IANA's registries, as matches: with their prerequisites, ready to be spread. */
export const arp = { ethType: 0x0806 } as const
export const ipv4 = { ethType: 0x0800 } as const
export const ipv6 = { ethType: 0x86dd } as const
export const lldp = { ethType: 0x88cc } as const
/** Fragments, the first ones too (ovs-fields, ip_frag). */
export const isFragment = { ipFrag: { value: 1, mask: 1 } } as const
export const isFirstFragment = { ipFrag: { value: 1, mask: 3 } } as const
export const isLaterFragment = { ipFrag: { value: 3, mask: 3 } } as const
export const isWhole = { ipFrag: { value: 0, mask: 1 } } as const
export const icmp = { ipProto: 1 } as const
export const tcp = { ipProto: 6 } as const
/** A segment that asks for a connection (RFC 9293 §3.5): SYN without ACK. */
export const tcpOpening = { ...tcp, tcpFlags: { value: 0x02, mask: 0x12 } } as const
/** A segment of a connection that was asked for before: neither SYN nor RST. */
export const tcpOngoing = { ...tcp, tcpFlags: { value: 0, mask: 0x06 } } as const
export const udp = { ipProto: 17 } as const
export const icmp6 = { ipProto: 58 } as const
/** Single-hop BFD (RFC 5881 §4). */
export const bfdControl = { ...ipv4, ...udp, udpDst: 3784 } as const
export const sctp = { ipProto: 132 } as const
export const icmpEchoRequest = { ...ipv4, ipProto: 1, icmpv4Type: 8 } as const
export const icmpEchoReply = { ...ipv4, ipProto: 1, icmpv4Type: 0 } as const
export const icmp6EchoReply = { ...ipv6, ipProto: 58, icmpv6Type: 129 } as const
export const icmp6EchoRequest = { ...ipv6, ipProto: 58, icmpv6Type: 128 } as const
/** From a DHCP client to a server (RFC 2131 §4.1). */
export const dhcpRequest = { ...ipv4, ...udp, udpSrc: 68, udpDst: 67 } as const
/** From a DHCPv6 client to all servers of its link (RFC 8415 §7.1 and §7.2). */
export const dhcp6Request = { ...ipv6, ...udp, ipv6Dst: 'ff02::1:2', udpDst: 547 } as const
export const routerSolicitation = { ...ipv6, ipProto: 58, icmpv6Type: 133 } as const
export const routerAdvertisement = { ...ipv6, ipProto: 58, icmpv6Type: 134 } as const
export const neighbourSolicitation = { ...ipv6, ipProto: 58, icmpv6Type: 135 } as const
export const neighbourAdvertisement = { ...ipv6, ipProto: 58, icmpv6Type: 136 } as const
export const icmp6Redirect = { ...ipv6, ipProto: 58, icmpv6Type: 137 } as const

/**
 * Errors about packets: destination unreachable, time exceeded, parameter problem (RFC 792); of IPv6 also packet too big
 * (RFC 4443 §2.1).
 */
export const icmpErrors = [
  ...[3, 11, 12].map((icmpv4Type) => ({ ...ipv4, ...icmp, icmpv4Type })),
  ...[1, 2, 3, 4].map((icmpv6Type) => ({ ...ipv6, ...icmp6, icmpv6Type })),
] as const

/** Packets to an address or block of either family. */
export function to(destination: string): Match {
  return family(destination) === 4 ? { ...ipv4, ipv4Dst: destination } : { ...ipv6, ipv6Dst: destination }
}

/** Packets from an address or block of either family. */
export function from(source: string): Match {
  return family(source) === 4 ? { ...ipv4, ipv4Src: source } : { ...ipv6, ipv6Src: source }
}
