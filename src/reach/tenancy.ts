/** What tenancy says of a connection, whatever policies allow. */
import { formatLabelSet } from '../model/labels.js'
import type { NetworkRow, WorkloadRow } from '../model/rows.js'
import { blocksOf, inBlock } from './blocks.js'
import type { Connection } from './connection.js'
import type { Files } from './files.js'
import { comingIn, exitOf, isOfGateway } from './gateways.js'

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
  /** The outside cannot open connections to a workload but by a floating address or forward. */
  | 'no-way-in'

/** Whether there is a way, and to whom. */
export type Way =
  | {
      readonly open: true
      readonly workload?: WorkloadRow
      /** What the workload sees, where addresses have been translated on the way. */
      readonly seen?: Connection
    }
  | { readonly open: false; readonly barrier: Barrier; readonly workload?: WorkloadRow }

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
  if (target !== undefined) return wayBetween(files, source, target)
  if (covers(own, to.address)) return wayWithin(files, own, connection)
  if (!own.routed) return closed('not-routed')
  if (unroutable(to.address)) return closed('unroutable')
  const network = reachedNetworks(files, own).find((reached) => covers(reached, to.address))
  if (network !== undefined) return wayWithin(files, network, connection)
  return wayOut(files, source, connection)
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
  if (network.routed && [network.gateway, network.gateway6].includes(to.address))
    return isPing(protocol, port) ? { open: true } : closed('router')
  const [workload, ...others] = files.workloadsAt(network.id, to.address)
  // On a VLAN there may be a physical station; of several workloads nobody knows which one has the address.
  if (workload === undefined) return network.vlan ? { open: true } : closed('no-station')
  const labels = new Set([workload, ...others].map((each) => formatLabelSet(each.labels)))
  return labels.size > 1 ? { open: true } : { open: true, workload }
}

function wayOut(files: Files, source: WorkloadRow, connection: Connection): Way {
  const { from, to, protocol, port } = connection
  const exit = exitOf(files, source, to.address)
  const gateway = exit && files.rows.get('gateway', exit.gateway)
  if (exit?.address === undefined || gateway === undefined) return closed('no-way-out')
  // Out and in again: the other workload sees the address that this one has outside.
  const seen = comingIn(files, { ...connection, from: { ...from, address: exit.address } }, gateway.id)
  if (seen !== undefined) return arriving(files, seen)
  if (isOfGateway(files, gateway.id, to.address))
    return isPing(protocol, port) ? { open: true } : closed('router')
  if ([gateway.subnet, gateway.subnet6].some((subnet) => inBlock(subnet, to.address))) return { open: true }
  const inside = [...files.rows.rows('network')].some((network) => covers(network, to.address))
  return inside ? closed('inside') : { open: true }
}

function arriving(files: Files, { from: { address }, ...seen }: Connection): Way {
  const workload = seen.to.workload === undefined ? undefined : files.rows.get('workload', seen.to.workload)
  return workload ? { open: true, workload, seen: { ...seen, from: { address } } } : closed('no-way-in')
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
