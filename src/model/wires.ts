import type { Derivation } from './derivation.js'
import { peersOf } from './peers.js'
import type { Reads } from './reads.js'
import type { NetworkRow, WireRow } from './rows.js'

/**
 * A network with a VLAN meets it on every host that may have its packets and has the physical bridge. The first of them that
 * is heard of speaks for the network's router, and for the hosts that lack the bridge.
 */
export const wire: Derivation = {
  from: 'network',
  into: 'wire',
  derive(id, reads) {
    const network = reads.get('network', id)
    const { vlan } = network ?? {}
    if (!network || !vlan) return []
    const hosts = [...new Set(hostsNear(network, reads))].filter((host) => reads.get('host', host)).sort()
    const portOf = (host: string) => reads.get('bridge', host)?.wires?.[vlan.bridge]
    const having = hosts.filter((host) => portOf(host) !== undefined)
    const speaker = having.find((host) => !reads.get('silence', host)) ?? having[0]
    if (speaker === undefined) return []
    const lacking = hosts.filter((host) => portOf(host) === undefined)
    return hosts.map((host) => {
      const port = portOf(host)
      const of = { id: `${id}@${host}`, network: id, host, tag: vlan.tag }
      const row: WireRow =
        port === undefined
          ? { ...of, via: speaker }
          : { ...of, port, speaks: host === speaker, relays: host === speaker ? lacking : [] }
      return { table: 'wire' as const, id: row.id, row }
    })
  },
}

/** The hosts that a packet of a network can be on: those of its stations, or of all that its router reaches. */
function hostsNear({ id, tenant, routed }: NetworkRow, reads: Reads): readonly string[] {
  if (!routed) return reads.by('hostsOfNetwork', id)
  const peers = [...peersOf(tenant, reads)].filter(({ ours }) => ours.some((network) => network.id === id))
  return [tenant, ...peers.map((peer) => peer.tenant)].flatMap((each) => hostsOf(each, reads))
}

/** Where a tenant's workloads run, and where its packets come from outside. */
function hostsOf(tenant: string, reads: Reads): readonly string[] {
  const gateways = reads.by('outletsByTenant', tenant).map(({ gateway }) => reads.get('gateway', gateway))
  return [...reads.by('hostsOfTenant', tenant), ...gateways.flatMap((gateway) => gateway?.hosts ?? [])]
}
