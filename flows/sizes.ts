import { everything } from '../src/model/index-definitions.js'
import type { Reads } from '../src/model/reads.js'
import type { BridgeRow, GatewayRow, NetworkRow } from '../src/model/rows.js'
import type { RuleAction } from '../src/pipeline/table.js'
import { part } from './registers.js'

/** Bytes of an Ethernet header without a tag. */
const ethernetHeader = 14

/** Notes whether a packet is larger than `mtu`, bytes of an IP packet. */
export function checkSize(mtu: number): RuleAction {
  return { type: 'checkPktLarger', bytes: mtu + ethernetHeader, dst: part.larger }
}

/** Whether packets from some other network of the tenant may be too large for this one. */
export function isNarrow({ tenant, mtu }: NetworkRow, reads: Reads): boolean {
  return hasLarger(tenant, mtu, reads)
}

/** The gateways of a host by whose uplink packets of some network may not fit, each with what does. */
export function* narrowUplinks(
  { uplinks, mtus = {} }: BridgeRow,
  reads: Reads,
): Generator<readonly [gateway: GatewayRow, mtu: number]> {
  for (const id of Object.keys(uplinks)) {
    const [gateway, mtu] = [reads.get('gateway', id), mtus[id]]
    if (gateway && mtu !== undefined && hasLarger(everything, mtu, reads)) yield [gateway, mtu]
  }
}

function hasLarger(tenant: string, mtu: number, reads: Reads): boolean {
  return reads.by('mtusByTenant', tenant).some((other) => Number(other) > mtu)
}
