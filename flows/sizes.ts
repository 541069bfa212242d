import type { Reads } from '../src/model/reads.js'
import type { NetworkRow } from '../src/model/rows.js'
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
  return reads.by('mtusByTenant', tenant).some((other) => Number(other) > mtu)
}
