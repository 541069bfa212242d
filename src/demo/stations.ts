import type { Client } from '../api/client.js'

/** Somebody who pings or is pinged. */
export interface Station {
  readonly role: 'workload' | 'router' | 'gateway' | 'outside'
  /** As people call it: `usr1-1`, `usr1 router`. */
  readonly name: string
  readonly address: string
  /** The namespace of the lab that it can ping from; absent for an address that flows answer for. */
  readonly namespace?: string
  readonly tenant?: string
}

/** Everybody in a cluster: its workloads, the routers of their networks, the gateways, and one station outside. */
export async function stationsOf(client: Client, outside: string): Promise<readonly Station[]> {
  const stations: Station[] = []
  for await (const { name, tenant = '', ip } of client.get('workload'))
    stations.push({
      role: 'workload',
      name,
      tenant,
      namespace: `${tenant}/${name}`,
      address: String(Array.isArray(ip) ? ip[0] : ip),
    })
  for await (const { tenant = '', gateway } of client.get('network'))
    stations.push({ role: 'router', name: `${tenant} router`, tenant, address: String(gateway) })
  for await (const { name, address } of client.get('gateway'))
    stations.push({ role: 'gateway', name: `gateway ${name}`, address: String(address) })
  return [...stations, { role: 'outside', name: 'outside', namespace: 'outside', address: outside }]
}
