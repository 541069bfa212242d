import type { Reads } from '../src/model/reads.js'
import type { BackendRow, ServicePort, ServiceRow, WorkloadRow } from '../src/model/rows.js'
import { type Audience, audiencesOf, networkOf } from '../src/model/services.js'
import type { Match } from '../src/openflow/flow.js'
import { set } from '../src/pipeline/actions.js'
import type { RuleAction } from '../src/pipeline/table.js'
import { family, routerMac } from './addresses.js'
import { turned } from './fragments.js'
import { ipOf } from './gateways.js'
import { bitRuns } from './policy/ports.js'
import { sctp, tcp, udp } from './protocols.js'
import { reg } from './registers.js'
import { opening } from './tracking.js'

/** Packets with ports, by protocol. */
const transports = { tcp, udp, sctp } as const

/** Where packets to a service come from: a tenant, or networks: of a peer, or the one that no router joins to others. */
export function askedAt(audience: Audience, virtual: string, reads: Reads): readonly Match[] {
  const { tenant, networks } = audience
  const network = networkOf(tenant.id, virtual, reads)
  const only = networks ?? (network && !network.routed ? [network] : undefined)
  return only ? only.map(({ vni }) => ({ [reg.network]: vni })) : [{ [reg.tenant]: tenant.number }]
}

/** Packets to a port of a service. */
export function toPortOf({ protocol, range }: ServicePort, virtual: string): readonly Match[] {
  const whole = { ...ipOf[family(virtual)], ...transports[protocol] }
  if (!range) return [whole]
  return bitRuns(...range).map((run) => ({ ...whole, [`${protocol}Dst`]: run }))
}

/** Fragments that begin connections to a port of a service, once they are turned around. */
export function turnedToPortOf({ protocol, range }: ServicePort): readonly Match[] {
  const whole = { ...turned, ctState: opening, ctNwProto: transports[protocol].ipProto }
  return range ? bitRuns(...range).map((run) => ({ ...whole, ctTpDst: run })) : [whole]
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
  { workload: of, service: id }: BackendRow,
  reads: Reads,
):
  | {
      readonly workload: WorkloadRow
      readonly service: ServiceRow
      /** Who may ask the service; its own tenant is the first. */
      readonly audiences: readonly Audience[]
    }
  | undefined {
  const workload = reads.get('workload', of)
  const service = reads.get('service', id)
  return workload && service && { workload, service, audiences: audiencesOf(service, reads) }
}
