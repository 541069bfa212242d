import type { PortRange } from '../../src/model/rows.js'
import type { Match } from '../../src/openflow/flow.js'
import { icmp, icmp6, ipv4, ipv6, sctp, tcp, udp } from '../protocols.js'
import { bit } from '../tracking.js'

/** Packets to a range of ports: in each IP version that has the protocol, for each run of bits. */
export function portMatches({ protocol, range }: PortRange): readonly Match[] {
  switch (protocol) {
    case 'icmp':
      return inFamily(ipv4, icmp, 'icmpv4Type', 'ctTpSrc', range)
    case 'icmp6':
      return inFamily(ipv6, icmp6, 'icmpv6Type', 'ctTpSrc', range)
    case 'tcp':
      return inBoth(tcp, 'tcpDst', range)
    case 'udp':
      return inBoth(udp, 'udpDst', range)
    case 'sctp':
      return inBoth(sctp, 'sctpDst', range)
  }
}

type Range = PortRange['range']
type Protocol = { readonly ipProto: number }

function inBoth(protocol: Protocol, field: 'tcpDst' | 'udpDst' | 'sctpDst', range: Range): readonly Match[] {
  return [ipv4, ipv6].flatMap((family) => inFamily(family, protocol, field, 'ctTpDst', range))
}

/**
 * A fragment that is not the first has no ports, and shows 0 for them; conntrack, which has seen the whole packet, knows
 * them: Open vSwitch's user-space datapath goes on with the fragments after that, the kernel's with the whole packet.
 */
function inFamily(
  family: Match,
  protocol: Protocol,
  field: 'tcpDst' | 'udpDst' | 'sctpDst' | 'icmpv4Type' | 'icmpv6Type',
  tracked: 'ctTpSrc' | 'ctTpDst',
  range: Range,
): readonly Match[] {
  if (!range) return [{ ...family, ...protocol }]
  const whole = { ...family, ...protocol, ...(range[0] === 0 ? notLater : {}) }
  const part = { ...family, ...later, ctNwProto: protocol.ipProto }
  if (field === 'icmpv4Type' || field === 'icmpv6Type') {
    const [type] = range
    return [
      { ...whole, [field]: type },
      { ...part, [tracked]: type },
    ]
  }
  return bitRuns(...range).flatMap((run) => [
    { ...whole, [field]: run },
    { ...part, [tracked]: run },
  ])
}

/** Fragments other than the first, tracked: only of these may a match ask what conntrack knows (ovs-fields, CT FIELDS). */
const later: Match = { ipFrag: 3, ctState: { value: bit.tracked, mask: bit.tracked | bit.invalid } }

const notLater: Match = { ipFrag: { value: 0, mask: 2 } }

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
