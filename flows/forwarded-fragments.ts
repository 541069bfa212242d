import { isOfHost } from '../src/model/outside.js'
import type { Reads } from '../src/model/reads.js'
import type { GatewayRow, OutsideAddressRow } from '../src/model/rows.js'
import { type Rule, rule } from '../src/pipeline/table.js'
import { release, turnAround, turned } from './fragments.js'
import { at } from './gateways.js'
import { to } from './protocols.js'
import { scopeOfAddress } from './scopes.js'
import { opening } from './tracking.js'

/**
 * Turns the fragments around that begin connections to an address with forwarded ports, and ends those that nobody takes.
 * @param back the table where conntrack has sent them: to another one they would come by another recirculation id
 * @param priority above that of forwarded ports, by less than 20
 */
export function forwardedFragments(back: string, priority: number): Rule<'outsideAddress'> {
  return rule(
    'fragments that begin connections to forwarded ports',
    'outsideAddress',
    scopeOfAddress,
    function* (outside, model) {
      const gateway = forwardingAt(outside, model)
      if (!gateway) return
      const { number: zone } = gateway
      const here = { ...at(gateway), ...to(outside.address) }
      yield* turnAround(back, zone, here, { ctState: opening, ctZone: zone }, priority)
      yield { priority: priority - 20, match: { ...here, ...turned }, actions: [release(zone)] }
    },
  )
}

/** The gateway of an address at which ports are forwarded; undefined for others. */
export function forwardingAt(
  { gateway: id, address, host }: OutsideAddressRow,
  reads: Reads,
): GatewayRow | undefined {
  const gateway = reads.get('gateway', id)
  const isForwarded = reads
    .by('addressesOfPortForwards', id)
    .some((each) => (host === undefined ? each === address : gateway && isOfHost(gateway, each)))
  return isForwarded ? gateway : undefined
}
