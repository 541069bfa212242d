import { keys } from '../attach/keys.js'
import type { BridgeRow, Claim, PortRow } from '../model/rows.js'
import type { HostPlan } from './plan.js'
import { bridgeNamed } from './reconcile.js'
import type { HostReplica } from './schema.js'

/** What a host's database says about our bridge, as rows of the model. */
export interface Observation {
  readonly bridge: BridgeRow
  readonly ports: readonly PortRow[]
  /** Interfaces of ours that Open vSwitch could not make, in words. */
  readonly faults: readonly string[]
}

/** Reads what concerns the model from a host's database. A port whose number is not known yet is no port yet. */
export function observe(host: string, replica: HostReplica, plan: HostPlan): Observation {
  const uplinks = new Map(plan.uplinks.map(({ inner, gateway }) => [inner, gateway]))
  const found: { tunnelPort?: number; uplinks: Record<string, number> } = { uplinks: {} }
  const ports: PortRow[] = []
  const faults: string[] = []
  for (const uuid of bridgeNamed(replica, plan.bridge)?.ports ?? []) {
    for (const id of replica.table('Port').get(uuid)?.interfaces ?? []) {
      const row = replica.table('Interface').get(id)
      if (!row) continue
      const { name, ofport, error, external_ids } = row
      if (error !== undefined) faults.push(`interface ${name}: ${error}`)
      if (ofport === undefined || ofport <= 0) continue
      const gateway = uplinks.get(name)
      const iface = external_ids.get('iface-id')
      if (name === plan.tunnel.name) found.tunnelPort = ofport
      else if (gateway !== undefined) found.uplinks[gateway] = ofport
      else if (iface !== undefined)
        ports.push({ id: `${host}/${name}`, host, name, interface: iface, ofport, ...claimOf(external_ids) })
    }
  }
  return { bridge: { id: host, ...found }, ports, faults }
}

/** What an interface says of itself for a workload that no file declares. */
export function claimOf(ids: ReadonlyMap<string, string>): { readonly claim?: Claim } {
  const [tenant, network] = [ids.get(keys.tenant), ids.get(keys.network)]
  if (tenant === undefined || network === undefined) return {}
  const [mac, ip] = [ids.get(keys.claimedMac), ids.get(keys.claimedIp)]
  return {
    claim: {
      tenant,
      network,
      ...(mac === undefined ? {} : { mac }),
      ...(ip === undefined ? {} : { ip: ip.split(',') }),
    },
  }
}
