import type { NetworkRow } from './rows.js'

/** Whether stations of a network have a router at its `gateway`: the tenant's, or a physical one on its VLAN. */
export function hasRouter({ routed, vlan }: NetworkRow): boolean {
  return routed || vlan !== undefined
}
