import type { Client } from '../api/client.js'
import type { Pending } from '../lab/index.js'
import { isLink } from './link-table.js'

/** What is not in force yet of a lab: workloads that their hosts do not carry, switches without their flows, links. */
export async function labPending(
  client: Client,
  place: Readonly<Record<string, readonly string[]>>,
): Promise<Pending> {
  const links: Pending['links'][number][] = []
  for await (const link of client.get('links'))
    if (isLink(link) && link.state !== 'up')
      links.push({ type: link.type, reason: `${link.type} ${link.name}: ${link.reason ?? link.state}` })
  const hosts = new Map<string, unknown>()
  for await (const { tenant, name, host } of client.get('workload')) hosts.set(`${tenant}/${name}`, host)
  const workloads = Object.entries(place).flatMap(([host, ids]) =>
    ids.filter((id) => hosts.has(id) && hosts.get(id) !== host).map((id) => `workload ${id}: not on ${host}`),
  )
  const status = await client.status()
  const switches = status.hosts
    .filter(({ connected, flows, desired }) => !connected || flows !== desired)
    .map(({ name, reason = 'it lacks flows' }) => `host ${name}: ${reason}`)
  return { required: [...workloads, ...switches], links }
}
