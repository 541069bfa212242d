import type { GatewayRow } from '../src/model/rows.js'

/** The addresses that a gateway itself has outside. */
export function addressesOf({ address, address6 }: GatewayRow): readonly string[] {
  return [address, address6].filter((value) => value !== undefined)
}

/** The outside subnets of a gateway: what is on its wire. */
export function subnetsOf({ subnet, subnet6 }: GatewayRow): readonly string[] {
  return [subnet, subnet6].filter((value) => value !== undefined)
}
