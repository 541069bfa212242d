import type { Reads } from '../../src/model/reads.js'
import type { GatewayRow } from '../../src/model/rows.js'

/** What workloads share with a host of their gateway. */
export interface SharedAddress {
  readonly gateway: GatewayRow
  readonly address: string
  /** First and last of the ports that are theirs, forwarded ones apart. */
  readonly ports: readonly [number, number]
  /** Number on the operator's bridge of the port that leads to ours. */
  readonly port: number
  /** The host's own MAC on that bridge. */
  readonly mac: string
}

/** An address of a gateway, with the host whose own it is. */
interface Ends {
  readonly gateway: string
  readonly address: string
  readonly host?: string
}

/** The id of the operator's bridge on which a gateway has a host's address; undefined for gateways with their own. */
export function outerBridgeOf({ bridge, hostPorts }: GatewayRow, host: string): string | undefined {
  return hostPorts && `${host}/${bridge}`
}

/** The scope of an operator's bridge, by its id. */
export function outerScope(bridge: string): string {
  return `outer/${bridge}`
}

/** The scope of what concerns an address that a host shares; undefined for others. */
export function scopeOfShared({ gateway: id, host }: Ends, reads: Reads): string | undefined {
  const gateway = reads.get('gateway', id)
  const bridge = gateway && host !== undefined ? outerBridgeOf(gateway, host) : undefined
  return bridge && outerScope(bridge)
}

/** What a gateway shares with a host; undefined where that is nothing, or the bridge is not known yet. */
export function sharedAddress({ gateway: id, address, host }: Ends, reads: Reads): SharedAddress | undefined {
  const gateway = reads.get('gateway', id)
  const bridge = gateway && host !== undefined ? outerBridgeOf(gateway, host) : undefined
  const row = bridge === undefined ? undefined : reads.get('outerBridge', bridge)
  const port = row?.uplinks[id]
  if (!gateway?.hostPorts || !row || port === undefined) return undefined
  return { gateway, address, ports: gateway.hostPorts, port, mac: row.mac }
}
