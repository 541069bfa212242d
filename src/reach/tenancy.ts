/** What tenancy says of a connection, whatever policies allow. */
import { formatLabelSet } from '../model/labels.js'
import type { NetworkRow, RouteRow, WorkloadRow } from '../model/rows.js'
import { blockOf } from './address.js'
import { blocksOf, inBlock } from './blocks.js'
import type { Connection } from './connection.js'
import type { Files } from './files.js'
import { comingIn, type Exit, exitBy, exitsByHost, exitsOf, isOfGateway } from './gateways.js'
import { isOnWire, routeOf, viasOf } from './routes.js'

/** Why two ends never meet. */
export type Barrier =
  /** The two tenants do not both have a Peering that names the other. */
  | 'not-peered'
  /** They do, but a network of the two takes no part in it. */
  | 'not-shared'
  /** A network of the two is not joined to others by its tenant's router. */
  | 'not-routed'
  /** Nobody has the address. */
  | 'no-station'
  /** A router answers pings of its address, and nothing else. */
  | 'router'
  /** No router forwards to such an address: this host, this link, a group. */
  | 'unroutable'
  /** The tenant has no way out for this IP version. */
  | 'no-way-out'
  /** Packets to addresses of the cluster are not sent outside. */
  | 'inside'
  /** A route drops it. */
  | 'dropped'
  /** A route leads by an address that nobody has. */
  | 'no-hop'
  /** The outside cannot open connections to a workload but by a floating address or forward. */
  | 'no-way-in'

/** Whether there is a way, and to whom. */
export type Way =
  | {
      readonly open: true
      readonly workload?: WorkloadRow
      /** What the workload sees, where addresses have been translated on the way. */
      readonly seen?: Connection
      /** Workloads of which one takes the packet on. */
      readonly vias?: readonly WorkloadRow[]
      readonly route?: RouteRow
    }
  | {
      readonly open: false
      readonly barrier: Barrier
      readonly workload?: WorkloadRow
      readonly route?: RouteRow
    }

const unroutable = blocksOf([
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'],
  ...['::1/128', 'fe80::/10', 'ff00::/8'],
])

/** The way from a source; `workload` is the source's own. */
export function wayOf(files: Files, source: WorkloadRow | undefined, connection: Connection): Way {
  const { to } = connection
  const target = to.workload === undefined ? undefined : files.rows.get('workload', to.workload)
  if (source === undefined) {
    const seen = comingIn(files, connection)
    return seen === undefined ? closed('no-way-in', target) : arriving(files, seen)
  }
  const own = files.network(source.network)
  if (own === undefined) return closed('not-routed', target)
  const direct = target && wayBetween(files, source, target)
  if (direct && (!direct.open || target?.network === source.network)) return direct
  if (covers(own, to.address) && !direct) return wayWithin(files, own, connection)
  // A physical router on the VLAN leads wherever it leads.
  if (!own.routed) return own.vlan && !target ? { open: true } : closed('not-routed', target)
  if (unroutable(to.address)) return closed('unroutable')
  const network = reachedNetworks(files, own).find((reached) => covers(reached, to.address))
  if (network && isRouter(network, to.address)) return wayWithin(files, network, connection)
  const block = network && (to.address.includes(':') ? network.subnet6 : network.subnet)
  const route = routeOf(files, source, to.address, block === undefined ? undefined : blockOf(block).prefix)
  if (route) return wayBy(files, route, source, connection, target)
  if (direct) return direct
  if (network !== undefined) return wayWithin(files, network, connection)
  return wayOut(files, connection, exitsOf(files, source, to.address))
}

/** By a route: nowhere, by workloads, or outside by gateways. */
function wayBy(
  files: Files,
  route: RouteRow,
  source: WorkloadRow,
  connection: Connection,
  target: WorkloadRow | undefined,
): Way {
  const exits = route.gateways?.map((gateway) => exitBy(files, source, gateway, connection.to.address))
  if (exits) return { ...wayOut(files, connection, exits), route }
  if (!route.via) return { ...closed('dropped', target), route }
  const vias = viasOf(files, route)
  if (vias.length === 0)
    return isOnWire(files, route) ? { open: true, route } : { ...closed('no-hop', target), route }
  return { open: true, vias, route, ...(target && { workload: target }) }
}

function wayBetween(files: Files, source: WorkloadRow, target: WorkloadRow): Way {
  if (source.network === target.network) return { open: true, workload: target }
  const [own, theirs] = [files.network(source.network), files.network(target.network)]
  if (source.tenant !== target.tenant && !arePeers(files, source.tenant, target.tenant))
    return closed('not-peered', target)
  if (own?.routed !== true || theirs?.routed !== true) return closed('not-routed', target)
  if (source.tenant !== target.tenant && !takePart(files, own, theirs)) return closed('not-shared', target)
  return { open: true, workload: target }
}

/** Whether each of two tenants has a Peering that names the other. */
function arePeers(files: Files, one: string, other: string): boolean {
  const consents = (tenant: string, peer: string) =>
    files.peeringsOf(tenant).some((peering) => peering.peer === peer)
  return consents(one, other) && consents(other, one)
}

/** Whether the tenants of two networks peer, and both networks take part. */
export function takePart(files: Files, one: NetworkRow | undefined, other: NetworkRow | undefined): boolean {
  if (one === undefined || other === undefined) return false
  return isShared(files, one, other.tenant) && isShared(files, other, one.tenant)
}

/** Whether a network is one that its tenant opens to a peer. */
function isShared(files: Files, { tenant, name, routed }: NetworkRow, peer: string): boolean {
  const peerings = files.peeringsOf(tenant).filter((peering) => peering.peer === peer)
  return routed && peerings.some(({ networks }) => networks?.includes(name) ?? true)
}

/** The networks that the router of a network has routes to; where tenants are right, no two of them overlap. */
function reachedNetworks(files: Files, own: NetworkRow): readonly NetworkRow[] {
  const peers = new Set(files.peeringsOf(own.tenant).map(({ peer }) => peer))
  const theirs = [...peers].flatMap((peer) =>
    files.networksOf(peer).filter((network) => takePart(files, own, network)),
  )
  return [...files.networksOf(own.tenant).filter(({ routed }) => routed), ...theirs]
}

/** To whoever has the address in a network. */
function wayWithin(files: Files, network: NetworkRow, { to, protocol, port }: Connection): Way {
  if (network.routed && isRouter(network, to.address))
    return isPing(protocol, port) ? { open: true } : closed('router')
  const [workload, ...others] = files.workloadsAt(network.id, to.address)
  // On a VLAN there may be a physical station; of several workloads nobody knows which one has the address.
  if (workload === undefined) return network.vlan ? { open: true } : closed('no-station')
  const labels = new Set([workload, ...others].map((each) => formatLabelSet(each.labels)))
  return labels.size > 1 ? { open: true } : { open: true, workload }
}

/** To the outside, by one of several exits: open if it is by all of them. */
function wayOut(files: Files, connection: Connection, exits: readonly Exit[]): Way {
  const ways = exits
    .flatMap((exit) => exitsByHost(files, exit))
    .map((exit) => wayThrough(files, connection, exit))
  return ways.find(({ open }) => !open) ?? ways[0] ?? closed('no-way-out')
}

function wayThrough(files: Files, connection: Connection, exit: Exit): Way {
  const { from, to, protocol, port } = connection
  const gateway = files.rows.get('gateway', exit.gateway)
  if (exit.address === undefined || gateway === undefined) return closed('no-way-out')
  // Out and in again: the other workload sees the address that this one has outside.
  const seen = comingIn(files, { ...connection, from: { ...from, address: exit.address } }, exit)
  if (seen !== undefined) return arriving(files, seen)
  if (isOfGateway(files, exit, to.address)) return isPing(protocol, port) ? { open: true } : closed('router')
  if ([gateway.subnet, gateway.subnet6].some((subnet) => inBlock(subnet, to.address))) return { open: true }
  const inside = [...files.rows.rows('network')].some((network) => covers(network, to.address))
  return inside ? closed('inside') : { open: true }
}

function arriving(files: Files, { from: { address }, ...seen }: Connection): Way {
  const workload = seen.to.workload === undefined ? undefined : files.rows.get('workload', seen.to.workload)
  return workload ? { open: true, workload, seen: { ...seen, from: { address } } } : closed('no-way-in')
}

function isRouter({ gateway, gateway6 }: NetworkRow, address: string): boolean {
  return [gateway, gateway6].includes(address)
}

function covers({ subnet, subnet6 }: NetworkRow, address: string): boolean {
  return inBlock(subnet, address) || inBlock(subnet6, address)
}

function isPing(protocol: string, type: number | undefined): boolean {
  return (protocol === 'icmp' && type === 8) || (protocol === 'icmp6' && type === 128)
}

function closed(barrier: Barrier, workload?: WorkloadRow): Way {
  return { open: false, barrier, ...(workload && { workload }) }
}
