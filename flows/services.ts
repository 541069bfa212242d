import type { Reads } from '../src/model/reads.js'
import type { BackendRow, ServicePort, ServiceRow, TenantRow, WorkloadRow } from '../src/model/rows.js'
import { networkOf } from '../src/model/services.js'
import type { Match } from '../src/openflow/flow.js'
import { set } from '../src/pipeline/actions.js'
import type { RuleAction } from '../src/pipeline/table.js'
import { family, routerMac } from './addresses.js'
import { ipOf } from './gateways.js'
import { bitRuns } from './policy/ports.js'
import { sctp, tcp, udp } from './protocols.js'
import { reg } from './registers.js'
import { bit } from './tracking.js'

/** Packets with ports, by protocol. */
export const transports = { tcp, udp, sctp } as const

/** What conntrack knows, or could. */
export const valid = { ctState: { value: bit.tracked, mask: bit.tracked | bit.invalid } } as const

/** Packets that are for a service at a tenant's workloads: by the tenant, or by the network where no router joins it. */
export function askedAt({ id, number }: TenantRow, virtual: string, reads: Reads): Match {
  const network = networkOf(id, virtual, reads)
  return network && !network.routed ? { [reg.network]: network.vni } : { [reg.tenant]: number }
}

/** Packets to a port of a service. */
export function toPortOf({ protocol, range }: ServicePort, virtual: string): readonly Match[] {
  const whole = { ...ipOf[family(virtual)], ...transports[protocol] }
  if (!range) return [whole]
  return bitRuns(...range).map((run) => ({ ...whole, [`${protocol}Dst`]: run }))
}

/** Whether backends listen on other ports of a protocol than the service. */
export function isMoved({ ports = [] }: ServiceRow, protocol: ServicePort['protocol']): boolean {
  return ports.some((port) => port.protocol === protocol && port.target !== undefined)
}

/** Packets in whose connection the first packet had this destination. */
export function firstTo(address: string): Match {
  return family(address) === 4 ? { ctNwDst: address } : { ctIpv6Dst: address }
}

/** To the workload's MAC where no router joins its network, and else to the router, which finds it. */
export function towards({ network: of, mac }: WorkloadRow, reads: Reads): RuleAction {
  const network = reads.get('network', of)
  return set('ethDst', network?.routed ? routerMac : mac)
}

/** What a row of a backend stands for; undefined while a part of it is not there. */
export function partsOf(
  { tenant: owner, workload: of, service: id }: BackendRow,
  reads: Reads,
): { readonly tenant: TenantRow; readonly workload: WorkloadRow; readonly service: ServiceRow } | undefined {
  const tenant = reads.get('tenant', owner)
  const workload = reads.get('workload', of)
  const service = reads.get('service', id)
  return tenant && workload && service && { tenant, workload, service }
}
