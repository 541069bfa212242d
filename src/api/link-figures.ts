type LinkCounts = Readonly<Record<'up' | 'down' | 'unknown', number>>

/** Counts of links, and of what was done about them. */
export interface LinkFigures {
  readonly tunnels: LinkCounts
  readonly uplinks: LinkCounts
  /** Tunnels and uplinks of a host that are down, by host; hosts without are left out. */
  readonly downByHost: Readonly<Record<string, number>>
  /** How often a link has become down. */
  readonly failures: number
  readonly probes: number
  readonly neighbours: number
  /** LLDP frames that could not be read, and those of more neighbours than an uplink can have. */
  readonly malformed: number
  readonly refused: number
}
