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

/** A port pair: what BFD sends out of the first comes in by the second, and goes on by flows. */
export interface PairPlan {
  readonly purpose: string
  readonly watched: string
  readonly loop: string
  readonly intervalMs: number
  /** After so many packets that do not come the first port counts as dead; by default 3. */
  readonly multiplier?: number
}

/** Watches a host. */
export interface SessionPlan extends PairPlan {
  readonly host: string
}

/** A gateway's host that one of its hosts, itself among them, asks whether it carries the gateway. */
export interface Question {
  readonly gateway: string
  readonly host: string
  readonly intervalMs: number
}

/** Asks a host whether it carries a gateway. */
export interface HolderPlan extends PairPlan {
  readonly gateway: string
  readonly host: string
}

/** What a host's database should say. */
export interface HostPlan {
  readonly bridge: string
  readonly datapath?: 'system' | 'netdev'
  readonly datapathId: string
  /** Where the switch dials the controller, or is to listen for it; undefined: the controller comes to a socket that is there. */
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
  readonly holders: readonly HolderPlan[]
  /**
   * The same questions, put so patiently that an answer stays for seconds after it is true no more, and comes after that
   * of its impatient twin: until BFD is up its packets are at least 0.75 s apart, of a pair of 3 s at least 2.25 s.
   */
  readonly lately: readonly HolderPlan[]
  /** On hosts of a gateway, two pairs that tell how long the host has been in touch with others. */
  readonly steady: readonly PairPlan[]
}

const tunnelName = 'sluice-tunnel'

/**
 * What a host's database should say, from the rows that concern it.
 * @param controller where the switch dials; undefined: the controller dials the switch
 * @param leaving bridges of the operator in which flows of ours have been, and that are not known to be without them
 */
export function planHost(
  host: HostRow,
  cluster: ClusterRow,
  gateways: readonly GatewayRow[],
  controller: string | undefined,
  watches: readonly Watch[] = [],
  networks: readonly NetworkRow[] = [],
  questions: readonly Question[] = [],
  leaving: readonly string[] = [],
): HostPlan {
  const target = controller ?? listeningAt(host.openflow)
  const shared = gateways.flatMap(({ bridge, hostPorts }) => (hostPorts ? [bridge] : []))
  return {
    bridge: host.bridge,
    ...(host.datapath ? { datapath: host.datapath } : {}),
    datapathId: datapathIdOf(host.id),
    ...(target === undefined ? {} : { controller: target }),
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
    sessions: watches.map(({ host: other, intervalMs }) => ({
      host: other,
      ...pair(`bfd-${hash(other)}`, `session/${other}`, intervalMs),
    })),
    holders: questions.map(({ gateway, host: other, intervalMs }) => ({
      gateway,
      host: other,
      ...pair(askingName('hold', gateway, other, intervalMs), `holder/${gateway}/${other}`, intervalMs),
    })),
    lately: questions.map(({ gateway, host: other, intervalMs }) => ({
      gateway,
      host: other,
      ...pair(askingName('held', gateway, other, intervalMs), `lately/${gateway}/${other}`, 3000),
      multiplier: 2,
    })),
    steady: questions.length === 0 ? [] : ['steady-1', 'steady-2'].map(steadyPair),
  }
}

/**
 * What makes a bridge listen at an address that the controller dials. At a socket it need not be told: there is that of
 * the bridge's management, and Open vSwitch makes no other.
 */
function listeningAt(openflow: string | undefined): string | undefined {
  const [, ip, port] = /^tcp:(.+):(\d+)$/.exec(openflow ?? '') ?? []
  return ip === undefined ? undefined : `ptcp:${port}:${ip}`
}

/**
 * The name of a port that hears itself: another one for another interval. Open vSwitch agrees on a new interval by a poll,
 * which such a port would answer itself, and so never ends (bfd_process_packet); its monitor thread would do nothing else.
 */
function askingName(prefix: 'hold' | 'held', gateway: string, host: string, intervalMs: number): string {
  return `${prefix}-${hash(`${gateway} ${host} ${intervalMs}`)}`
}

function pair(name: string, purpose: string, intervalMs: number): PairPlan {
  return { purpose, watched: name, loop: `${name}-b`, intervalMs }
}

/** Not up before its second packet, and down at the first that does not come. */
function steadyPair(name: string): PairPlan {
  return { ...pair(name, name, 1000), multiplier: 1 }
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
