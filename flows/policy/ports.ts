import type { PortRange } from '../../src/model/rows.js'
import type { Match } from '../../src/openflow/flow.js'
import { inPart } from '../../src/pipeline/actions.js'
import { turned } from '../fragments.js'
import { icmp, icmp6, ipv4, ipv6, isWhole, sctp, tcp, udp } from '../protocols.js'
import { askedBit } from '../registers.js'
import { valid } from '../tracking.js'

/**
 * Packets to a range of ports: in each IP version that has the protocol, for each run of bits. Open vSwitch shows no ports
 * of fragments: behind conntrack the user-space datapath has the first one of each datagram judged by what its connection says.
 */
export function portMatches({ protocol, range }: PortRange): readonly Match[] {
  switch (protocol) {
    case 'icmp':
      return inFamilies([ipv4], icmp, 'icmpv4Type', range)
    case 'icmp6':
      return inFamilies([ipv6], icmp6, 'icmpv6Type', range)
    case 'tcp':
      return inFamilies([ipv4, ipv6], tcp, 'tcpDst', range)
    case 'udp':
      return range ? datagrams(range) : inFamilies([ipv4, ipv6], udp, 'udpDst', undefined)
    case 'sctp':
      return inFamilies([ipv4, ipv6], sctp, 'sctpDst', range)
  }
}

type Field = 'tcpDst' | 'udpDst' | 'udpSrc' | 'sctpDst' | 'icmpv4Type' | 'icmpv6Type'

function inFamilies(
  families: readonly Match[],
  protocol: { readonly ipProto: number },
  field: Field,
  range: PortRange['range'],
): readonly Match[] {
  return range
    ? [...wholeTo(families, protocol, field, range), ...fragmentsTo(protocol, field, range)]
    : families.map((family) => ({ ...family, ...protocol }))
}

type Range = NonNullable<PortRange['range']>

function wholeTo(families: readonly Match[], protocol: Match, field: Field, range: Range): readonly Match[] {
  // What fragments show in place of a port is 0.
  const only = range[0] === 0 ? isWhole : {}
  return families.flatMap((family) =>
    runsOf(field, range).map((run) => ({ ...family, ...protocol, [field]: run, ...only })),
  )
}

/** Conntrack knows an ICMP query by its type as the source port. */
function fragmentsTo(protocol: { readonly ipProto: number }, field: Field, range: Range): readonly Match[] {
  const known = isType(field) ? 'ctTpSrc' : 'ctTpDst'
  return runsOf(field, range).map((run) => ({
    ...turned,
    ...valid,
    ctNwProto: protocol.ipProto,
    [known]: run,
  }))
}

function runsOf(field: Field, [first, last]: Range) {
  return isType(field) ? [first] : bitRuns(first, last)
}

function isType(field: Field): boolean {
  return field === 'icmpv4Type' || field === 'icmpv6Type'
}

/**
 * Datagrams to the range, and answers from it about which rules are asked: their ports are not swapped as the addresses
 * are, because that would have a megaflow for each port of a client.
 */
function datagrams(range: Range): readonly Match[] {
  return [
    ...wholeTo([ipv4, ipv6], { ...udp, ...inPart(askedBit, 0) }, 'udpDst', range),
    ...wholeTo([ipv4, ipv6], { ...udp, ...inPart(askedBit, 1) }, 'udpSrc', range),
    ...fragmentsTo(udp, 'udpDst', range),
  ]
}

const bits = 16
const exact = 2 ** bits - 1

/** The fewest values with masks that together match the ports from `first` to `last`. */
export function bitRuns(
  first: number,
  last: number,
): readonly { readonly value: number; readonly mask: number }[] {
  const runs: { value: number; mask: number }[] = []
  for (let value = first; value <= last; ) {
    let size = value === 0 ? 2 ** bits : value & -value
    while (value + size - 1 > last) size /= 2
    runs.push({ value, mask: exact - (size - 1) })
    value += size
  }
  return runs
}
