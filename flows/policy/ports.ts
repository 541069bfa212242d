import type { PortRange } from '../../src/model/rows.js'
import type { Match } from '../../src/openflow/flow.js'
import { inPart } from '../../src/pipeline/actions.js'
import { icmp, icmp6, ipv4, ipv6, isFragment, sctp, tcp, udp } from '../protocols.js'
import { askedBit } from '../registers.js'

/**
 * Packets to a range of ports: in each IP version that has the protocol, for each run of bits. Open vSwitch shows no ports
 * of fragments. Behind conntrack the kernel's datapath has whole packets again, the user-space one has fragments: there
 * `strict` takes all of them for packets to the range, so that none evades a rule that denies.
 */
export function portMatches({ protocol, range }: PortRange, strict: boolean): readonly Match[] {
  switch (protocol) {
    case 'icmp':
      return inFamilies([ipv4], icmp, 'icmpv4Type', range, strict)
    case 'icmp6':
      return inFamilies([ipv6], icmp6, 'icmpv6Type', range, strict)
    case 'tcp':
      return inFamilies([ipv4, ipv6], tcp, 'tcpDst', range, strict)
    case 'udp':
      return range ? datagrams(range, strict) : inFamilies([ipv4, ipv6], udp, 'udpDst', undefined, strict)
    case 'sctp':
      return inFamilies([ipv4, ipv6], sctp, 'sctpDst', range, strict)
  }
}

type Field = 'tcpDst' | 'udpDst' | 'udpSrc' | 'sctpDst' | 'icmpv4Type' | 'icmpv6Type'

function inFamilies(
  families: readonly Match[],
  protocol: Match,
  field: Field,
  range: PortRange['range'],
  strict: boolean,
): readonly Match[] {
  const parts: readonly Match[] = range ? ranges(field, range, strict) : [{}]
  return families.flatMap((family) => parts.map((part) => ({ ...family, ...protocol, ...part })))
}

function ranges(field: Field, [first, last]: readonly [number, number], strict: boolean): readonly Match[] {
  const ofTypes = field === 'icmpv4Type' || field === 'icmpv6Type'
  const runs: readonly Match[] = ofTypes
    ? [{ [field]: first }]
    : bitRuns(first, last).map((run) => ({ [field]: run }))
  // What fragments show in place of a port is 0.
  const whole =
    first === 0 ? runs.map((run) => ({ ...run, ipFrag: { value: 0, mask: isFragment.ipFrag.mask } })) : runs
  return strict ? [...whole, isFragment] : whole
}

/**
 * Datagrams to the range, and answers from it about which rules are asked: their ports are not swapped as the addresses
 * are, because that would have a megaflow for each port of a client.
 */
function datagrams(range: readonly [number, number], strict: boolean): readonly Match[] {
  return [
    ...inFamilies([ipv4, ipv6], { ...udp, ...inPart(askedBit, 0) }, 'udpDst', range, strict),
    ...inFamilies([ipv4, ipv6], { ...udp, ...inPart(askedBit, 1) }, 'udpSrc', range, false),
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
