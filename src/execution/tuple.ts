import type { FieldName } from '../openflow/fields.js'
import type { Header } from './header.js'
import type { Packet } from './packet.js'

const tcp = 6
const udp = 17
const sctp = 132
const icmp = 1
const icmp6 = 58

/** What conntrack knows a packet's connection by. Addresses are numbers, as the family has them. */
export interface Tuple {
  readonly family: 4 | 6
  readonly protocol: number
  readonly source: bigint
  readonly destination: bigint
  /** Ports; of an ICMP query: its identifier, and its type. */
  readonly sourcePort: number
  readonly destinationPort: number
}

/** Types of ICMP queries with those of their answers, as far as the user-space conntrack knows them (RFC 792, RFC 4443). */
const queries: ReadonlyMap<number, number> = new Map([
  [8, 0],
  [13, 14],
  [15, 16],
  [128, 129],
])
const answers: ReadonlyMap<number, number> = new Map([
  ...queries,
  ...[...queries].map(([query, answer]): [number, number] => [answer, query]),
])

/** Whether the protocol has ports, and what their fields are called. */
export function portFields(
  protocol: number,
): readonly [source: FieldName, destination: FieldName] | undefined {
  switch (protocol) {
    case tcp:
      return ['tcpSrc', 'tcpDst']
    case udp:
      return ['udpSrc', 'udpDst']
    case sctp:
      return ['sctpSrc', 'sctpDst']
    default:
      return undefined
  }
}

/** The tuple of a packet; undefined for what conntrack cannot track: other than IP, ICMP other than queries. */
export function tupleOf(header: Header, packet: Pick<Packet, 'query' | 'datagram'> = {}): Tuple | undefined {
  const family = familyOf(header)
  if (family === undefined) return undefined
  const protocol = header.number('ipProto')
  const ends = {
    family,
    protocol,
    source: header.get(family === 4 ? 'ipv4Src' : 'ipv6Src'),
    destination: header.get(family === 4 ? 'ipv4Dst' : 'ipv6Dst'),
  }
  if (protocol === (family === 4 ? icmp : icmp6)) {
    const type = header.number(family === 4 ? 'icmpv4Type' : 'icmpv6Type')
    if (!answers.has(type)) return undefined
    return { ...ends, sourcePort: packet.query ?? 0, destinationPort: type }
  }
  const ports = portFields(protocol)
  if (!ports) return { ...ends, sourcePort: 0, destinationPort: 0 }
  if ((header.number('ipFrag') & 2) === 0)
    return { ...ends, sourcePort: header.number(ports[0]), destinationPort: header.number(ports[1]) }
  const { datagram } = packet
  return datagram && { ...ends, sourcePort: datagram.source, destinationPort: datagram.destination }
}

export function familyOf(header: Header): 4 | 6 | undefined {
  const type = header.number('ethType')
  return type === 0x0800 ? 4 : type === 0x86dd ? 6 : undefined
}

/** The tuple of what answers. */
export function reversed(tuple: Tuple): Tuple {
  const { family, protocol, source, destination, sourcePort, destinationPort } = tuple
  const turned = { family, protocol, source: destination, destination: source }
  return protocol === (family === 4 ? icmp : icmp6)
    ? { ...turned, sourcePort, destinationPort: answers.get(destinationPort) ?? destinationPort }
    : { ...turned, sourcePort: destinationPort, destinationPort: sourcePort }
}

/** A key of maps. */
export function tupleKey(zone: number, tuple: Tuple): string {
  const { family, protocol, source, destination, sourcePort, destinationPort } = tuple
  return `${zone} ${family} ${protocol} ${source} ${sourcePort} ${destination} ${destinationPort}`
}

/** Whether a packet of this tuple may open a connection: of ICMP, queries only. */
export function opens({ family, protocol, destinationPort }: Tuple): boolean {
  return protocol !== (family === 4 ? icmp : icmp6) || queries.has(destinationPort)
}
