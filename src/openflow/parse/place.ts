/**
 * Where Open vSwitch keeps what a match says. Fields that no packet has together share a place, so that a text can name
 * the one or the other, in any order: what was said last of a place counts, and the packet's types decide which field it
 * is. What such a packet does not have is left out.
 */
import type { Entries } from '../canonical.js'
import { type Entry, isMasked } from '../entry.js'
import { type FieldName, findField } from '../fields.js'

const EthType = { ipv4: 0x0800, ipv6: 0x86dd, arp: 0x0806, rarp: 0x8035, mpls: 0x8847, mplsMulticast: 0x8848 }
const Protocol = { icmp: 1, tcp: 6, udp: 17, icmp6: 58, sctp: 132 }
const Neighbour = { solicitation: 135, advertisement: 136 }

/** What kind of packet a match is about. */
interface Kind {
  readonly ethType: number | undefined
  readonly ipProto: number | undefined
  readonly icmpType: number | undefined
  readonly ctNwProto: number | undefined
}

type Has = (kind: Kind) => boolean

const inIpv4: Has = ({ ethType }) => ethType === EthType.ipv4
const inIpv6: Has = ({ ethType }) => ethType === EthType.ipv6
const inIp: Has = (kind) => inIpv4(kind) || inIpv6(kind)
const inArp: Has = ({ ethType }) => ethType === EthType.arp || ethType === EthType.rarp
const inMpls: Has = ({ ethType }) => ethType === EthType.mpls || ethType === EthType.mplsMulticast
const over =
  (protocol: number): Has =>
  (kind) =>
    inIp(kind) && kind.ipProto === protocol
const inIcmp: Has = (kind) => inIpv4(kind) && kind.ipProto === Protocol.icmp
const inIcmp6: Has = (kind) => inIpv6(kind) && kind.ipProto === Protocol.icmp6
const ofNeighbour =
  (...types: readonly number[]): Has =>
  (kind) =>
    inIcmp6(kind) && kind.icmpType !== undefined && types.includes(kind.icmpType)
const anyNeighbour = ofNeighbour(Neighbour.solicitation, Neighbour.advertisement)

/** Ports of a connection are said of a protocol. */
const inTracked: Has = ({ ctNwProto = 0 }) => ctNwProto !== 0

type Place = readonly (readonly [field: FieldName, has: Has])[]

/** The ports of each protocol, and the bytes of an ICMP message in their place. */
const ports = (end: 'Src' | 'Dst', icmp: FieldName, icmp6: FieldName): Place => [
  [`tcp${end}`, over(Protocol.tcp)],
  [`udp${end}`, over(Protocol.udp)],
  [`sctp${end}`, over(Protocol.sctp)],
  [icmp, inIcmp],
  [icmp6, inIcmp6],
]

const places: readonly Place[] = [
  [
    ['ipv4Src', inIpv4],
    ['arpSpa', inArp],
  ],
  [
    ['ipv4Dst', inIpv4],
    ['arpTpa', inArp],
  ],
  [
    ['ipProto', inIp],
    ['arpOp', inArp],
  ],
  ports('Src', 'icmpv4Type', 'icmpv6Type'),
  ports('Dst', 'icmpv4Code', 'icmpv6Code'),
  [
    ['arpSha', inArp],
    ['ndSll', ofNeighbour(Neighbour.solicitation)],
  ],
  [
    ['arpTha', inArp],
    ['ndTll', ofNeighbour(Neighbour.advertisement)],
  ],
  [
    ['tcpFlags', over(Protocol.tcp)],
    ['ndOptionsType', anyNeighbour],
  ],
  [['ndTarget', anyNeighbour]],
  [['ndReserved', anyNeighbour]],
  [['ipv6Src', inIpv6]],
  [['ipv6Dst', inIpv6]],
  [['ipv6Flabel', inIpv6]],
  [['ipDscp', inIp]],
  [['ipEcn', inIp]],
  [['ipTtl', inIp]],
  [['ipFrag', inIp]],
  [['mplsLabel', inMpls]],
  [['mplsTc', inMpls]],
  [['mplsBos', inMpls]],
  [['mplsTtl', inMpls]],
  [['ctTpSrc', inTracked]],
  [['ctTpDst', inTracked]],
]

/** The place of each field that has not one of its own in every packet. */
const placeOf: ReadonlyMap<FieldName, Place> = new Map(
  places.flatMap((place) => place.map(([field]): [FieldName, Place] => [field, place])),
)

/** The field under whose name its place is kept. */
export function keptAs(field: FieldName): FieldName {
  return placeOf.get(field)?.[0]?.[0] ?? field
}

function exact(entry: Entry | undefined): number | undefined {
  return typeof entry === 'number' ? entry : undefined
}

/** An Ethernet type that stands in for the packet type, which has it in its lower half. */
function ethTypeOf({ ethType, packetType }: Entries): number | undefined {
  const type = exact(packetType)
  return exact(ethType) ?? (type !== undefined && type >>> 16 === 1 ? type & 0xffff : undefined)
}

/** Only the bits that the field has: a port is longer than the byte of an ICMP message. */
function fitted(field: FieldName, entry: Entry): Entry | undefined {
  if (!field.startsWith('icmp')) return entry
  if (!isMasked(entry)) return Number(entry) & 0xff
  const mask = Number(entry.mask) & 0xff
  return mask === 0
    ? undefined
    : mask === 0xff
      ? Number(entry.value) & mask
      : { value: Number(entry.value) & mask, mask }
}

/** The match with each place named by the field that it is in such packets. */
export function resolvePlaces(kept: Entries): Entries {
  const ethType = ethTypeOf(kept)
  const known: Kind = {
    ethType,
    ipProto: exact(kept.ipProto),
    icmpType: undefined,
    ctNwProto: exact(kept.ctNwProto),
  }
  const kind: Kind = { ...known, icmpType: inIcmp6(known) ? exact(kept.tcpSrc) : undefined }
  const entries: Entries = {}
  for (const name in kept) {
    const field = findField(name)?.field
    const entry = field && kept[field]
    if (field === undefined || entry === undefined) continue
    const place = placeOf.get(field)
    const meant = place === undefined ? field : place.find(([, has]) => has(kind))?.[0]
    const value = meant && fitted(meant, entry)
    if (meant !== undefined && value !== undefined) entries[meant] = value
  }
  return entries
}

/** The field that stands for the port in such packets. */
export function transportPort(end: 'Src' | 'Dst', { ethType, ipProto }: Entries): FieldName | undefined {
  const kind: Kind = {
    ethType: exact(ethType),
    ipProto: exact(ipProto),
    icmpType: undefined,
    ctNwProto: undefined,
  }
  return placeOf.get(`tcp${end}`)?.find(([field, has]) => has(kind) && !field.startsWith('icmp'))?.[0]
}
