import type { Match } from '../src/openflow/flow.js'
import { set } from '../src/pipeline/actions.js'
import type { RuleAction } from '../src/pipeline/table.js'
import { family } from './addresses.js'

/** The far end of the tunnel that the packet is about to enter. */
export function tunnelTo(tunnelIp: string): readonly RuleAction[] {
  return [set(family(tunnelIp) === 4 ? 'tunIpv4Dst' : 'tunIpv6Dst', tunnelIp)]
}

/** What has come through the tunnel from a host. */
export function tunnelFrom(tunnelIp: string): Match {
  return family(tunnelIp) === 4 ? { tunIpv4Src: tunnelIp } : { tunIpv6Src: tunnelIp }
}
