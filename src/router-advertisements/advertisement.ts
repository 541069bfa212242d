import { addressBytes, macBytes } from '../frames/addresses.js'
import { domainNameBytes } from '../frames/domain-name.js'
import { checksumWithAddresses, ethernetHeader, ipPacket } from '../frames/headers.js'
import { etherType, protocol } from '../frames/protocols.js'

/** What a router tells a station. Lifetimes are in seconds. */
export interface Advertisement {
  /** The station gets addresses by DHCPv6. */
  readonly isManaged: boolean
  /** It gets other settings by DHCPv6. */
  readonly hasOther: boolean
  /** 0: this router leads nowhere. */
  readonly routerLifetime: number
  /** The CIDR block of the link. */
  readonly subnet6: string
  /** The station forms an address in it by itself. */
  readonly isAutonomous: boolean
  readonly mtu: number
  readonly dnsServers: readonly string[]
  readonly domains: readonly string[]
}

/** A station, or all of them, as a frame addresses it. */
export interface Receiver {
  readonly mac: string
  readonly address: string
}

export const allNodes = 'ff02::1'

/** Option types (IANA, IPv6 Neighbor Discovery Option Formats). */
const option = { sourceLinkLayer: 1, prefix: 3, mtu: 5, dnsServers: 25, domains: 31 } as const
const flag = { managed: 0x80, other: 0x40, onLink: 0x80, autonomous: 0x40 } as const
const hopLimit = 64
/** RFC 4861 §6.2.1, AdvValidLifetime and AdvPreferredLifetime. */
const prefixLifetime = { valid: 2_592_000, preferred: 604_800 } as const
/** As long as a router may be promised (RFC 8319 §3), so that stations keep names while no controller runs. */
export const longestLifetime = 65_535
/** No link of IPv6 has less (RFC 8200 §5), and an option that says so is ignored. */
const leastMtu = 1280
/** What fits the smallest packet with everything else. */
const mostServers = 16
const mostDomains = 2

/** The frame of a router advertisement (RFC 4861 §4.2) to a station. */
export function advertisementFrame(said: Advertisement, router: Receiver, to: Receiver): Buffer {
  const { isManaged, hasOther, routerLifetime } = said
  const head = Buffer.alloc(16)
  head.writeUInt8(134)
  head.writeUInt8(hopLimit, 4)
  head.writeUInt8((isManaged ? flag.managed : 0) | (hasOther ? flag.other : 0), 5)
  head.writeUInt16BE(routerLifetime, 6)
  const message = Buffer.concat([
    head,
    Buffer.from([option.sourceLinkLayer, 1]),
    macBytes(router.mac),
    ...mtuOption(said.mtu),
    prefixOption(said),
    ...serversOption(said.dnsServers.slice(0, mostServers)),
    ...domainsOption(said.domains.slice(0, mostDomains)),
  ])
  const header = {
    source: router.address,
    destination: to.address,
    protocol: protocol.icmp6,
    hops: 255,
  }
  message.writeUInt16BE(checksumWithAddresses(header, message), 2)
  return Buffer.concat([ethernetHeader(to.mac, router.mac, etherType.ipv6), ipPacket(header, message)])
}

/** RFC 4861 §4.6.4. */
function mtuOption(mtu: number): readonly Buffer[] {
  if (mtu < leastMtu) return []
  const bytes = Buffer.from([option.mtu, 1, 0, 0, 0, 0, 0, 0])
  bytes.writeUInt32BE(mtu, 4)
  return [bytes]
}

/** RFC 4861 §4.6.2. */
function prefixOption({ subnet6, isAutonomous }: Advertisement): Buffer {
  const [prefix = '', length] = subnet6.split('/')
  const bytes = Buffer.alloc(16)
  bytes.set([option.prefix, 4, Number(length), flag.onLink | (isAutonomous ? flag.autonomous : 0)])
  bytes.writeUInt32BE(prefixLifetime.valid, 4)
  bytes.writeUInt32BE(prefixLifetime.preferred, 8)
  return Buffer.concat([bytes, addressBytes(prefix)])
}

/** RFC 8106 §5.1. */
function serversOption(servers: readonly string[]): readonly Buffer[] {
  if (servers.length === 0) return []
  return [withLifetime(option.dnsServers, Buffer.concat(servers.map(addressBytes)))]
}

/** RFC 8106 §5.2. */
function domainsOption(domains: readonly string[]): readonly Buffer[] {
  if (domains.length === 0) return []
  const names = Buffer.concat(domains.map(domainNameBytes))
  return [withLifetime(option.domains, Buffer.concat([names], 8 * Math.ceil(names.length / 8)))]
}

/** @param data a multiple of eight bytes */
function withLifetime(type: number, data: Buffer): Buffer {
  const head = Buffer.from([type, 1 + data.length / 8, 0, 0, 0, 0, 0, 0])
  head.writeUInt32BE(longestLifetime, 4)
  return Buffer.concat([head, data])
}
