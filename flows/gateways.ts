import type { Reads } from '../src/model/reads.js'
import type { EgressRow, GatewayRow, TenantRow } from '../src/model/rows.js'

/** The addresses that a gateway itself has outside. */
export function addressesOf({ address, address6 }: GatewayRow): readonly string[] {
  return [address, address6].filter((value) => value !== undefined)
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

/** What an egress joins; undefined where one of the two does not exist. */
export function endsOf(
  egress: EgressRow,
  reads: Reads,
): { readonly tenant: TenantRow; readonly gateway: GatewayRow } | undefined {
  const tenant = reads.get('tenant', egress.tenant)
  const gateway = reads.get('gateway', egress.gateway)
  return tenant && gateway && { tenant, gateway }
}
