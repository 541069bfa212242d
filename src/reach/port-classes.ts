/** All protocols and ports, cut where rules cut them. */
import type { PortRange } from '../model/rows.js'
import type { Version } from './address.js'
import type { Protocol } from './connection.js'

/** Ports, or ICMP types, that no rule tells apart. */
export interface PortClass {
  readonly protocol: Protocol
  readonly first: number
  readonly last: number
}

const protocols = {
  4: ['tcp', 'udp', 'sctp', 'icmp', 'other'],
  6: ['tcp', 'udp', 'sctp', 'icmp6', 'other'],
} as const satisfies Readonly<Record<Version, readonly Protocol[]>>

/** The largest port or type. */
function largest(protocol: Protocol): number {
  if (protocol === 'other') return 0
  return protocol === 'icmp' || protocol === 'icmp6' ? 255 : 65_535
}

/** Every port of every protocol of an IP version, in order, as classes that these ranges do not cut. */
export function portClasses(version: Version, ranges: Iterable<PortRange>): readonly PortClass[] {
  const starts = new Map<Protocol, Set<number>>(
    protocols[version].map((protocol) => [protocol, new Set([0])]),
  )
  for (const { protocol, range } of ranges) {
    if (range === undefined) continue
    starts.get(protocol)?.add(range[0])
    if (range[1] < largest(protocol)) starts.get(protocol)?.add(range[1] + 1)
  }
  return [...starts].flatMap(([protocol, set]) => {
    const sorted = [...set].sort((a, b) => a - b)
    return sorted.map((first, n) => ({ protocol, first, last: (sorted[n + 1] ?? largest(protocol) + 1) - 1 }))
  })
}

/** Classes as people write them, neighbours joined: `tcp/80`, `tcp/1-79`, `udp`. */
export function portTexts(classes: readonly PortClass[]): readonly string[] {
  const joined: PortClass[] = []
  for (const next of classes) {
    const last = joined.at(-1)
    if (last?.protocol === next.protocol && last.last + 1 === next.first)
      joined[joined.length - 1] = { ...last, last: next.last }
    else joined.push(next)
  }
  return joined.map(({ protocol, first, last }) => {
    if (first === 0 && last === largest(protocol)) return protocol
    return first === last ? `${protocol}/${first}` : `${protocol}/${first}-${last}`
  })
}
