import type { Reads } from '../src/model/reads.js'
import type { Via } from '../src/model/routes.js'
import type { GatewayRow } from '../src/model/rows.js'
import { set } from '../src/pipeline/actions.js'
import type { RuleAction } from '../src/pipeline/table.js'
import { exitMac, routerMac } from './addresses.js'
import { reg } from './registers.js'
import { checkSize, isNarrow } from './sizes.js'

/** What a router does to every packet that it sends on (RFC 1812 §5.3.1, §3.3.3). */
export const hop: readonly RuleAction[] = [{ type: 'decTtl' }, set('ethSrc', routerMac)]

/** Where a packet goes that has been through the router, and the table that takes it there. */
export interface NextHop {
  readonly actions: readonly RuleAction[]
  readonly table: string
  /** What tells whether it lives: a gateway; stations are taken for alive. */
  readonly gateway?: GatewayRow
}

/** To the outside, by a gateway. */
export function byGateway(gateway: GatewayRow): NextHop {
  const actions = [set('ethDst', exitMac(gateway)), set(reg.destination, gateway.key)]
  return { actions, table: 'output', gateway }
}

/** To the MAC of a station, whatever addresses it has. From outside come packets of any size. */
export function byStation({ network, mac }: Via, reads: Reads): NextHop {
  const mayBeLarger = isNarrow(network, reads) || reads.by('outletsByTenant', network.tenant).length > 0
  const size = mayBeLarger ? [checkSize(network.mtu)] : []
  return { actions: [set(reg.network, network.vni), set('ethDst', mac), ...size], table: 'neighbour' }
}
