import { keys } from '../attach/keys.js'
import type {
  BridgeRow,
  CarrierRow,
  Claim,
  HoldingRow,
  OuterBridgeRow,
  PortRow,
  SessionPorts,
  SessionRow,
} from '../model/rows.js'
import type { HostPlan, PairPlan } from './plan.js'
import { bridgeNamed, serviceOf } from './reconcile.js'
import { type HostReplica, ownerKey } from './schema.js'

/** What a host's database says, as rows of the model. */
export interface Observation {
  readonly bridge: BridgeRow
  readonly ports: readonly PortRow[]
  readonly sessions: readonly SessionRow[]
  readonly holdings: readonly HoldingRow[]
  readonly carriers: readonly CarrierRow[]
  readonly outerBridges: readonly OuterBridgeRow[]
  /** Interfaces of ours that Open vSwitch could not make, in words. */
  readonly faults: readonly string[]
}

type Interface = NonNullable<ReturnType<ReturnType<typeof interfaces>['get']>>

/** Reads what concerns the model from a host's database. A port whose number is not known yet is no port yet. */
export function observe(host: string, replica: HostReplica, plan: HostPlan): Observation {
  const uplinks = new Map(plan.uplinks.map(({ inner, gateway }) => [inner, gateway]))
  const bridges = new Map(plan.wires.map(({ inner, bridge }) => [inner, bridge]))
  const own: { tunnelPort?: number; uplinks: Record<string, number> } = { uplinks: {} }
  const wires: Record<string, number> = {}
  const ports: PortRow[] = []
  const faults: string[] = []
  const found = new Map<string, Interface & { readonly ofport: number }>()
  for (const row of interfacesOf(replica, plan.bridge)) {
    const { name, ofport, error, external_ids } = row
    if (error !== undefined) faults.push(`interface ${name}: ${error}`)
    if (ofport === undefined || ofport <= 0) continue
    found.set(name, { ...row, ofport })
    const gateway = uplinks.get(name)
    const physical = bridges.get(name)
    const iface = external_ids.get('iface-id')
    if (name === plan.tunnel.name) own.tunnelPort = ofport
    else if (gateway !== undefined) own.uplinks[gateway] = ofport
    else if (physical !== undefined) wires[physical] = ofport
    else if (iface !== undefined)
      ports.push({ id: `${host}/${name}`, host, name, interface: iface, ofport, ...claimOf(external_ids) })
  }
  const pairOf = ({ watched, loop }: PairPlan) => {
    const [one, two] = [found.get(watched), found.get(loop)]
    if (!one || !two) return []
    const isUp = one.bfd_status.get('forwarding') === 'true'
    return [{ ports: { watched: one.ofport, loop: two.ofport }, isUp }]
  }
  // Of two hosts the other may be heard over the wire outside only, in its answers.
  const answers = (other: string) =>
    plan.holders.some((holder) => holder.host === other && pairOf(holder).some(({ isUp }) => isUp))
  const sessionPorts: Record<string, SessionPorts> = {}
  const sessions: SessionRow[] = []
  for (const session of plan.sessions)
    for (const { ports: pair, isUp } of pairOf(session)) {
      const { host: other } = session
      sessionPorts[other] = pair
      const isAnswered = plan.sessions.length === 1 && answers(other)
      sessions.push({ id: `${host}>${other}`, host, other, isUp, ...(isAnswered && { isAnswered }) })
    }
  const holders: Record<string, Record<string, SessionPorts>> = {}
  const lately: Record<string, Record<string, SessionPorts>> = {}
  const holdings: HoldingRow[] = []
  for (const holder of plan.holders)
    for (const { ports: pair, isUp } of pairOf(holder)) {
      const { gateway, host: other } = holder
      holders[gateway] = { ...holders[gateway], [other]: pair }
      if (other === host) holdings.push({ id: `${gateway}@${host}`, gateway, host, isUp })
    }
  for (const { gateway, host: other, ...holder } of plan.lately)
    for (const { ports: pair } of pairOf(holder)) lately[gateway] = { ...lately[gateway], [other]: pair }
  const steady = plan.steady.flatMap(pairOf).map(({ ports: pair }) => pair)
  const mtus = Object.fromEntries(mtusOf(replica, plan))
  const isWatching = Object.keys(sessionPorts).length > 0
  return {
    bridge: {
      id: host,
      ...own,
      ...(Object.keys(wires).length > 0 && { wires }),
      ...(Object.keys(mtus).length > 0 && { mtus }),
      ...(isWatching && { sessions: sessionPorts }),
      ...(holdings.length > 0 && { holders, lately }),
      ...(steady.length > 0 && { steady }),
    },
    ports,
    sessions,
    holdings,
    carriers: [...carriersOf(host, replica, plan)],
    outerBridges: [...outerBridgesOf(host, replica, plan)],
    faults,
  }
}

/** The bridges of the operator whose switches have been told to dial the controller. */
function* outerBridgesOf(host: string, replica: HostReplica, plan: HostPlan): Generator<OuterBridgeRow> {
  for (const row of replica.table('Bridge').rows()) {
    const { name: bridge, datapath_id: datapathId } = row
    if (bridge === plan.bridge || datapathId === undefined || !serviceOf(replica, row)) continue
    const ports = new Map([...interfacesOf(replica, bridge)].map((port) => [port.name, port]))
    const mac = ports.get(bridge)?.mac_in_use
    if (mac === undefined) continue
    const uplinks = plan.uplinks.flatMap(({ gateway, outer }) => {
      const ofport = ports.get(outer)?.ofport
      return ofport === undefined || ofport <= 0 ? [] : [[gateway, ofport] as const]
    })
    const id = `${host}/${bridge}`
    yield { id, host, bridge, datapathId, mac, uplinks: Object.fromEntries(uplinks) }
  }
}

function* carriersOf(host: string, replica: HostReplica, plan: HostPlan): Generator<CarrierRow> {
  for (const { gateway, bridge } of plan.uplinks) {
    const devices = devicesOf(replica, bridge)
    yield {
      id: `${gateway}@${host}`,
      gateway,
      host,
      devices: devices.map(({ name }) => name).sort(),
      isUp: devices.length === 0 || devices.some(({ link_state }) => link_state !== 'down'),
      // Open vSwitch drops frames to reserved addresses otherwise (ovs-vswitchd.conf.db(5), Bridge, other_config).
      passesLldp: bridgeNamed(replica, bridge)?.other_config.get('forward-bpdu') === 'true',
    }
  }
}

function* mtusOf(replica: HostReplica, plan: HostPlan): Generator<readonly [gateway: string, mtu: number]> {
  for (const { gateway, bridge } of plan.uplinks) {
    const mtus = devicesOf(replica, bridge).flatMap(({ mtu }) => mtu ?? [])
    if (mtus.length > 0) yield [gateway, Math.min(...mtus)]
  }
}

/** The devices by which a gateway's bridge leads outside. */
function devicesOf(replica: HostReplica, bridge: string): readonly Interface[] {
  return [...interfacesOf(replica, bridge)].filter(
    ({ type, external_ids }) => (type === '' || type === 'system') && !external_ids.has(ownerKey),
  )
}

function* interfacesOf(replica: HostReplica, bridge: string): Generator<Interface> {
  for (const uuid of bridgeNamed(replica, bridge)?.ports ?? [])
    for (const id of replica.table('Port').get(uuid)?.interfaces ?? []) {
      const row = interfaces(replica).get(id)
      if (row) yield row
    }
}

function interfaces(replica: HostReplica) {
  return replica.table('Interface')
}

/** What an interface says of itself for a workload that no file declares. */
export function claimOf(ids: ReadonlyMap<string, string>): { readonly claim?: Claim } {
  const [tenant, network] = [ids.get(keys.tenant), ids.get(keys.network)]
  if (tenant === undefined || network === undefined) return {}
  const [mac, ip] = [ids.get(keys.claimedMac), ids.get(keys.claimedIp)]
  return {
    claim: {
      tenant,
      network,
      ...(mac === undefined ? {} : { mac }),
      ...(ip === undefined ? {} : { ip: ip.split(',') }),
    },
  }
}
