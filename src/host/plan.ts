import { createHash } from 'node:crypto'
import type { ClusterRow, GatewayRow, HostRow, NetworkRow } from '../model/rows.js'

/** A port pair that joins our bridge with the bridge that holds a gateway's uplink. */
export interface UplinkPlan {
  readonly gateway: string
  readonly bridge: string
  /** Port on our bridge, and its peer on the gateway's. */
  readonly inner: string
  readonly outer: string
  readonly vlan?: number
}

/** A port pair that joins our bridge with a physical bridge on whose VLANs networks live. */
export interface WirePlan {
  readonly bridge: string
  /** Port on our bridge, and its peer on the physical one. */
  readonly inner: string
  readonly outer: string
  /** The VLANs that pass, in order. */
  readonly tags: readonly number[]
}

/** A host that is to be watched by BFD. */
export interface Watch {
  readonly host: string
  readonly intervalMs: number
}

/** The port pair of a session: what BFD sends out of the first comes in by the second, and goes on by flows. */
export interface SessionPlan extends Watch {
  readonly watched: string
  readonly loop: string
}

/** What a host's database should say. */
export interface HostPlan {
  readonly bridge: string
  readonly datapath?: 'system' | 'netdev'
  readonly datapathId: string
  /** Where the switch dials the controller; undefined: the controller dials the switch. */
  readonly controller?: string
  readonly tunnel: {
    readonly name: string
    readonly type: string
    readonly options: Readonly<Record<string, string>>
  }
  readonly uplinks: readonly UplinkPlan[]
  /** For those physical bridges that the host has. */
  readonly wires: readonly WirePlan[]
  /** Bridges of the operator in which flows of ours are to be, or still are: their switches dial there too. */
  readonly outerBridges: readonly { readonly bridge: string; readonly controller: string }[]
  readonly sessions: readonly SessionPlan[]
}

const tunnelName = 'sluice-tunnel'

/**
 * What a host's database should say, from the rows that concern it.
 * @param leaving bridges of the operator in which flows of ours have been, and that are not known to be without them
 */
export function planHost(
  host: HostRow,
  cluster: ClusterRow,
  gateways: readonly GatewayRow[],
  controller: string | undefined,
  watches: readonly Watch[] = [],
  networks: readonly NetworkRow[] = [],
  leaving: readonly string[] = [],
): HostPlan {
  const shared = gateways.flatMap(({ bridge, hostPorts }) => (hostPorts ? [bridge] : []))
  return {
    bridge: host.bridge,
    ...(host.datapath ? { datapath: host.datapath } : {}),
    datapathId: datapathIdOf(host.id),
    ...(controller === undefined ? {} : { controller }),
    tunnel: {
      name: tunnelName,
      type: cluster.encapsulation,
      options: { remote_ip: 'flow', key: 'flow', local_ip: host.tunnelIp },
    },
    uplinks: gateways.map(({ id, bridge, number, vlan }) => ({
      gateway: id,
      bridge,
      inner: `gw${number}-in`,
      outer: `gw${number}-out`,
      ...(vlan === undefined ? {} : { vlan }),
    })),
    wires: wiresOf(networks).filter(({ bridge }) => bridge !== host.bridge),
    outerBridges:
      controller === undefined
        ? []
        : [...new Set([...shared, ...leaving])].map((bridge) => ({ bridge, controller })),
    sessions: watches.map((watch) => {
      const name = `bfd-${hash(watch.host)}`
      return { ...watch, watched: name, loop: `${name}-b` }
    }),
  }
}

/** One port pair for each physical bridge, with the VLANs of all networks that live there. */
export function wiresOf(networks: readonly NetworkRow[]): readonly WirePlan[] {
  const tags = new Map<string, number[]>()
  for (const { vlan } of networks)
    if (vlan) tags.set(vlan.bridge, [...(tags.get(vlan.bridge) ?? []), vlan.tag])
  return [...tags].sort(byName).map(([bridge, list]) => {
    const name = `vlan-${hash(bridge)}`
    return { bridge, inner: `${name}-in`, outer: `${name}-out`, tags: list.sort((a, b) => a - b) }
  })
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

function hash(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 8)
}

/**
 * The datapath id that our bridge on a host is given: 16 hexadecimal digits. Left to itself, Open vSwitch takes it from
 * a MAC of the bridge, which changes with its ports.
 */
export function datapathIdOf(host: string): string {
  return createHash('sha256').update(host).digest('hex').slice(0, 16)
}
