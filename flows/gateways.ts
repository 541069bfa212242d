import { commonEgresses, egressAddress, versionOf } from '../src/model/outside.js'
import type { Reads } from '../src/model/reads.js'
import type { EgressRow, GatewayRow, RouteRow, TenantRow, WorkloadRow } from '../src/model/rows.js'
import type { Match } from '../src/openflow/flow.js'
import { ipv4, ipv6, sctp, tcp, udp } from './protocols.js'
import { reg } from './registers.js'

export { insideOf } from '../src/model/outside.js'

export const versions = [4, 6] as const

/** Packets of an IP version. */
export const ipOf = { 4: ipv4, 6: ipv6 } as const

/** The IP versions of which a gateway itself has an address outside. */
export function versionsOf({ address, address6 }: GatewayRow): readonly (4 | 6)[] {
  return [address, address6].flatMap((value) => (value === undefined ? [] : versionOf(value)))
}

/** The outside subnets of a gateway: what is on its wire. */
export function subnetsOf({ subnet, subnet6 }: GatewayRow): readonly string[] {
  return [subnet, subnet6].filter((value) => value !== undefined)
}

/** The hosts of a gateway that are hosts of the cluster, in the order in which they carry its traffic. */
export function hostsOf({ id, hosts }: GatewayRow, reads: Reads): readonly string[] {
  const succession = reads.get('succession', id)?.hosts ?? []
  const ordered = [...succession.filter((host) => hosts.includes(host)), ...hosts]
  return [...new Set(ordered)].filter((host) => reads.get('host', host) !== undefined)
}

/** Whether a gateway's next hop sends back what is for the gateway itself, as far as is known: that proves an uplink. */
export function isEchoed({ id, address, nextHop }: GatewayRow, reads: Reads): boolean {
  const isTried = address !== undefined && nextHop !== undefined
  return isTried && reads.get('succession', id)?.isEchoed !== false
}

/** A tenant and a gateway that something of the tenant's joins; undefined where one of the two does not exist. */
export function endsOf(
  { tenant: owner, gateway: id }: { readonly tenant: string; readonly gateway: string },
  reads: Reads,
): { readonly tenant: TenantRow; readonly gateway: GatewayRow } | undefined {
  const tenant = reads.get('tenant', owner)
  const gateway = reads.get('gateway', id)
  return tenant && gateway && { tenant, gateway }
}

/** The IP versions that an egress carries, each with the address that packets leave with. */
export function* sourcesOf(egress: EgressRow, reads: Reads): Generator<readonly [4 | 6, string]> {
  for (const version of versions) {
    const address = egressAddress(egress, version, reads)
    if (address !== undefined) yield [version, address]
  }
}

/**
 * The gateways for which a route is the one whose translation its tenant's packets get, unless an egress has one for
 * them: of several routes by one gateway the first.
 */
export function translatedAt(route: RouteRow, reads: Reads): readonly GatewayRow[] {
  const version = versionOf(route.to)
  const others = reads
    .by('routesByTenant', route.tenant)
    .filter((other) => other.id < route.id && versionOf(other.to) === version)
  return (route.gateways ?? []).flatMap((id) => {
    const gateway = reads.get('gateway', id)
    const isFirst = !others.some(({ gateways }) => gateways?.includes(id))
    return gateway && isFirst && ownAddress(gateway, version) !== undefined ? [gateway] : []
  })
}

/** The address of a gateway itself, of an IP version, or `host`. */
export function ownAddress({ address, address6 }: GatewayRow, version: 4 | 6): string | undefined {
  return version === 4 ? address : address6
}

/** The one gateway by which packets of a workload leave, if they do; undefined where they may take another. */
export function gatewayOf({ id, tenant }: WorkloadRow, version: 4 | 6, reads: Reads): string | undefined {
  const elsewhere = reads
    .by('routesByTenant', tenant)
    .some(({ gateways, to }) => gateways && versionOf(to) === version)
  if (elsewhere) return undefined
  const own = reads.by('exitsByWorkload', `${id}#${version}`)
  const [first, second] = own.length > 0 ? own : commonEgresses(tenant, version, reads)
  return second ? undefined : first?.gateway
}

const protocols = { tcp, udp, sctp } as const
const sourcePorts = { tcp: 'tcpSrc', udp: 'udpSrc', sctp: 'sctpSrc' } as const
type Protocol = keyof typeof protocols

export function fromPort(protocol: Protocol, port: number): Match {
  return { ...protocols[protocol], [sourcePorts[protocol]]: port }
}

/**
 * Packets the first of whose connection was for this port, as conntrack has it: what fragments do not show, their
 * connection does. Needs a match on `ctState`.
 */
export function openedTo(protocol: Protocol, port: number): Match {
  return { ctNwProto: protocols[protocol].ipProto, ctTpDst: port }
}

/** The names of rules about what conntrack has refused to translate: no port is left. */
export const refused = {
  connections: 'connections that get no address',
  packets: 'packets that conntrack refused',
} as const

/** Packets at a gateway. */
export function at({ number }: GatewayRow): Match {
  return { [reg.gateway]: number }
}
