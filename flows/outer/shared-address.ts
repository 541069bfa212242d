import type { Reads } from '../../src/model/reads.js'
import type { GatewayRow } from '../../src/model/rows.js'

/** What workloads share with the host of their gateway. */
export interface SharedAddress {
  readonly address: string
  /** First and last of the ports that are theirs, forwarded ones apart. */
  readonly ports: readonly [number, number]
  /** Number on the operator's bridge of the port that leads to ours. */
  readonly port: number
  /** The host's own MAC on that bridge. */
  readonly mac: string
}

/** The id of the operator's bridge that a gateway's host has its address on; undefined for gateways with their own. */
export function outerBridgeOf({ hosts: [host], bridge, hostPorts }: GatewayRow): string | undefined {
  return hostPorts && host !== undefined ? `${host}/${bridge}` : undefined
}

/** The scope of an operator's bridge, by its id. */
export function outerScope(bridge: string): string {
  return `outer/${bridge}`
}

/** What a gateway shares with its host; undefined where that is nothing, or the bridge is not known yet. */
export function sharedAddress(gateway: GatewayRow, reads: Reads): SharedAddress | undefined {
  const { id, address, hostPorts: ports } = gateway
  const bridge = outerBridgeOf(gateway)
  const row = bridge === undefined ? undefined : reads.get('outerBridge', bridge)
  const port = row?.uplinks[id]
  if (!row || !ports || address === undefined || port === undefined) return undefined
  return { address, ports, port, mac: row.mac }
}
