import type { NetworkRow } from './rows.js'

/** Whether workloads get router advertisements here: not where the router of the network is a physical one on its VLAN. */
export function isAdvertised({ subnet6, routed, vlan }: NetworkRow): boolean {
  return subnet6 !== undefined && (routed || vlan === undefined)
}
