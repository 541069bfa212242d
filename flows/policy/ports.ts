import type { PortRange } from '../../src/model/rows.js'
import type { Match } from '../../src/openflow/flow.js'
import { icmp, icmp6, ipv4, ipv6, sctp, tcp, udp } from '../protocols.js'

/** Packets to a range of ports: one match for each IP version that has the protocol, and for each run of bits. */
export function portMatches({ protocol, range }: PortRange): readonly Match[] {
  switch (protocol) {
    case 'icmp':
      return [{ ...ipv4, ...icmp, ...(range ? { icmpv4Type: range[0] } : {}) }]
    case 'icmp6':
      return [{ ...ipv6, ...icmp6, ...(range ? { icmpv6Type: range[0] } : {}) }]
    case 'tcp':
      return both(tcp, 'tcpDst', range)
    case 'udp':
      return both(udp, 'udpDst', range)
    case 'sctp':
      return both(sctp, 'sctpDst', range)
  }
}

function both(
  protocol: Match,
  field: 'tcpDst' | 'udpDst' | 'sctpDst',
  range: PortRange['range'],
): readonly Match[] {
  const parts: readonly Match[] = range ? bitRuns(...range).map((part) => ({ [field]: part })) : [{}]
  return [ipv4, ipv6].flatMap((family) => parts.map((part) => ({ ...family, ...protocol, ...part })))
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
