import type { ObjectView } from './contract.js'

/** One end of a link: a host of the cluster, or a station outside, of which only the address is known. */
export interface LinkEnd {
  readonly host?: string
  readonly address?: string
  /** Of an uplink: the bridge that holds it, and the devices of that bridge. */
  readonly bridge?: string
  readonly devices?: readonly string[]
}

/** A station outside that has announced itself by LLDP (IEEE 802.1AB). */
export interface NeighbourView {
  readonly chassis: string
  readonly port: string
  readonly portDescription?: string
  readonly systemName?: string
  readonly systemDescription?: string
  readonly managementAddresses: readonly string[]
  /** Seconds for which its announcement still holds. */
  readonly ttlSeconds: number
  /** When it was last heard, ISO 8601, and how many milliseconds ago that is. */
  readonly lastSeen: string
  readonly silentMs: number
}

/** Who is connected to whom: a tunnel between two hosts, or a host's way to the outside. */
export interface LinkView extends ObjectView {
  readonly kind: 'Link'
  readonly type: 'tunnel' | 'uplink'
  readonly ends: readonly [LinkEnd, LinkEnd]
  /** Of a tunnel `geneve`, `vxlan` or `gre`; of an uplink `vlan 5`, or `none`. */
  readonly encapsulation: string
  readonly state: 'up' | 'down' | 'unknown'
  /** Why it is not up, in words. */
  readonly reason?: string
  /** What each end says of the other by BFD, where BFD runs between them. */
  readonly bfd?: Readonly<Record<string, 'up' | 'down'>>
  /** When the other end was last heard, ISO 8601, and how many milliseconds ago that is. */
  readonly lastSeen?: string
  readonly silentMs?: number
  /** Of an uplink: who announces itself on its wire, and whether the bridge lets such frames through at all. */
  readonly neighbours?: readonly NeighbourView[]
  readonly passesLldp?: boolean
}
