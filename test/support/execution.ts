import { decodeFlow } from '../../src/controller/views/flow-views.js'
import { FlowTables, type Header, type Lead, type Topology } from '../../src/execution/index.js'
import type { Flow } from '../../src/openflow/flow.js'
import type { GroupDesc } from '../../src/openflow/messages/group.js'
import { messageOf } from '../../src/pipeline/group-meter.js'
import type { Cluster } from './cluster.js'

/** A flow that tells the unit that made it. */
export type SourcedFlow = Flow & { readonly unit: string }

/** Decodes a flow once for as long as it stays the same. */
export class Decoder {
  readonly #known = new Map<string, SourcedFlow>()

  decode(key: string, content: string, unit: string): SourcedFlow {
    const id = `${unit} ${key}${content}`
    const known = this.#known.get(id)
    if (known) return known
    const made = { ...decodeFlow(key, content), unit }
    this.#known.set(id, made)
    return made
  }
}

function groupsOf(cluster: Cluster, host: string): ReadonlyMap<number, GroupDesc> {
  const desired = cluster.engine.groupsAndMeters(host)
  const messages = [...(desired?.keys() ?? [])].map((key) => messageOf(desired?.get(key)?.content ?? ''))
  return new Map(
    messages.flatMap((message) => {
      if (message.type !== 'groupMod') return []
      const { group, groupType = 'all', buckets = [] } = message
      return [[group, { group, groupType, buckets }] as const]
    }),
  )
}

/** The switches of a cluster with the flows that it wants of them, joined by tunnels. */
export function topologyOf(cluster: Cluster, decoder = new Decoder()): Topology<SourcedFlow> {
  const { model } = cluster
  const ports = new Map<string, string>()
  for (const { host, ofport, tag = 0, id } of model.rows('placement'))
    ports.set(`${host}/${ofport}/${tag}`, id)
  const hosts = [...model.rows('host')]
  const bridges = hosts.map(({ id }) => {
    const flows = cluster.flows(id).map(([key, content, unit]) => decoder.decode(key, content, unit))
    return [id, { flows: new FlowTables(flows), groups: groupsOf(cluster, id) }] as const
  })
  const leads = (host: string, port: number, header: Header): Lead => {
    const workload = ports.get(`${host}/${port}/${header.number('vlanTci') & 0xfff}`)
    if (workload !== undefined) return { to: 'station', name: workload }
    const bridge = model.get('bridge', host)
    const gateway = Object.entries(bridge?.uplinks ?? {}).find(([, uplink]) => uplink === port)?.[0]
    if (gateway !== undefined) return { to: 'outside', gateway }
    if (Object.values(bridge?.wires ?? {}).includes(port)) return { to: 'outside', gateway: `wire ${host}` }
    const destination = String(header.value('tunIpv4Dst'))
    const other = hosts.find(({ tunnelIp }) => tunnelIp === destination)
    const tunnelPort = other && model.get('bridge', other.id)?.tunnelPort
    if (port !== bridge?.tunnelPort || !other || tunnelPort === undefined) return { to: 'nowhere' }
    const source = model.get('host', host)?.tunnelIp ?? ''
    return { to: 'bridge', host: other.id, port: tunnelPort, tunnel: { source, destination } }
  }
  return { bridges: new Map(bridges), leads }
}
