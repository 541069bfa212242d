import { createHash } from 'node:crypto'
import type { ClusterRow, GatewayRow, HostRow } from '../model/rows.js'

/** A port pair that joins our bridge with the bridge that holds a gateway's uplink. */
export interface UplinkPlan {
  readonly gateway: string
  readonly bridge: string
  /** Port on our bridge, and its peer on the gateway's. */
  readonly inner: string
  readonly outer: string
  readonly vlan?: number
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
  /** Where the switch dials the controller; undefined: the controller dials the switch. */
  readonly controller?: string
  readonly tunnel: {
    readonly name: string
    readonly type: string
    readonly options: Readonly<Record<string, string>>
  }
  readonly uplinks: readonly UplinkPlan[]
  readonly sessions: readonly SessionPlan[]
  readonly holders: readonly HolderPlan[]
  /** The same questions, put so patiently that an answer stays for seconds after it is true no more. */
  readonly lately: readonly HolderPlan[]
  /** On hosts of a gateway, two pairs that tell how long the host has been in touch with others. */
  readonly steady: readonly PairPlan[]
}

const tunnelName = 'sluice-tunnel'

/** What a host's database should say, from the rows that concern it. */
export function planHost(
  host: HostRow,
  cluster: ClusterRow,
  gateways: readonly GatewayRow[],
  controller: string | undefined,
  watches: readonly Watch[] = [],
  questions: readonly Question[] = [],
): HostPlan {
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
    sessions: watches.map(({ host: other, intervalMs }) => ({
      host: other,
      ...pair(`bfd-${shortHash(other)}`, `session/${other}`, intervalMs),
    })),
    holders: questions.map(({ gateway, host: other, intervalMs }) => ({
      gateway,
      host: other,
      ...pair(`hold-${shortHash(`${gateway} ${other}`)}`, `holder/${gateway}/${other}`, intervalMs),
    })),
    lately: questions.map(({ gateway, host: other }) => ({
      gateway,
      host: other,
      ...pair(`held-${shortHash(`${gateway} ${other}`)}`, `lately/${gateway}/${other}`, 1000),
      multiplier: 5,
    })),
    steady: questions.length === 0 ? [] : ['steady-1', 'steady-2'].map(steadyPair),
  }
}

function pair(name: string, purpose: string, intervalMs: number): PairPlan {
  return { purpose, watched: name, loop: `${name}-b`, intervalMs }
}

/** Not up before its second packet, and down at the first that does not come. */
function steadyPair(name: string): PairPlan {
  return { ...pair(name, name, 1000), multiplier: 1 }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}

/**
 * The datapath id that our bridge on a host is given: 16 hexadecimal digits. Left to itself, Open vSwitch takes it from
 * a MAC of the bridge, which changes with its ports.
 */
export function datapathIdOf(host: string): string {
  return createHash('sha256').update(host).digest('hex').slice(0, 16)
}
