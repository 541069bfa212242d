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

/** What an egress joins; undefined where one of the two does not exist. */
export function endsOf(
  egress: EgressRow,
  reads: Reads,
): { readonly tenant: TenantRow; readonly gateway: GatewayRow } | undefined {
  const tenant = reads.get('tenant', egress.tenant)
  const gateway = reads.get('gateway', egress.gateway)
  return tenant && gateway && { tenant, gateway }
}
