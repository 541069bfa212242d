import { keys, unknownWorkload } from '../attach/keys.js'
import { hasRouter } from '../model/routers.js'
import type { Claim, NetworkRow, WorkloadRow } from '../model/rows.js'
import type { Transaction, Uuid } from '../ovsdb/index.js'
import { claimOf } from './observe.js'
import { bridgeNamed } from './reconcile.js'
import type { HostReplica, HostTables } from './schema.js'

/**
 * Says what the workload of an interface was given, as text for {@link keys.facts}; undefined while that is to be found
 * out. `claim` is what the interface says of itself.
 */
export type Answer = (interfaceId: string, claim: Claim | undefined) => string | undefined

/** The interfaces of a bridge that ask what they were given (decision 30), by their iface-id. */
export function askingOf(replica: HostReplica, bridge: string): ReadonlyMap<string, readonly Uuid[]> {
  const asking = new Map<string, readonly Uuid[]>()
  for (const uuid of bridgeNamed(replica, bridge)?.ports ?? [])
    for (const id of replica.table('Port').get(uuid)?.interfaces ?? []) {
      const ids = replica.table('Interface').get(id)?.external_ids
      const iface = ids?.get(keys.iface)
      if (iface !== undefined && ids?.has(keys.facts)) asking.set(iface, [...(asking.get(iface) ?? []), id])
    }
  return asking
}

/** The steps that answer interfaces which ask. An answer is kept right for as long as the interface is there. */
export function* answerSteps(
  replica: HostReplica,
  asking: Iterable<Uuid>,
  answer: Answer,
): Generator<(tx: Transaction<HostTables>) => void> {
  for (const id of asking) {
    const ids = replica.table('Interface').get(id)?.external_ids
    const iface = ids?.get(keys.iface)
    if (ids === undefined || iface === undefined) continue
    const wanted = answer(iface, claimOf(ids).claim)
    if (wanted === undefined || wanted === ids.get(keys.facts)) continue
    yield (tx) =>
      tx.mutate('Interface', id, [
        ['external_ids', 'delete', [keys.facts]],
        ['external_ids', 'insert', { [keys.facts]: wanted }],
      ])
  }
}

/** What attach is to give a workload: its MAC, addresses, routers and MTU, as JSON. */
export function factsOf(workload: WorkloadRow | undefined, network: NetworkRow | undefined): string {
  if (!workload || !network) return unknownWorkload
  const families = [
    { six: false, subnet: network.subnet, gateway: network.gateway },
    { six: true, subnet: network.subnet6, gateway: network.gateway6 },
  ].map(({ six, subnet, gateway }) => {
    const own = workload.addresses.filter((address) => address.includes(':') === six)
    return {
      addresses: subnet === undefined ? [] : own.map((address) => `${address}/${subnet.split('/')[1]}`),
      // A router is of use only to a workload that has an address of its family.
      gateways: hasRouter(network) && gateway !== undefined && own.length > 0 ? [gateway] : [],
    }
  })
  return JSON.stringify({
    mac: workload.mac,
    addresses: families.flatMap(({ addresses }) => addresses),
    gateways: families.flatMap(({ gateways }) => gateways),
    mtu: network.mtu,
  })
}
