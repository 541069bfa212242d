import type { Host } from './attach.js'
import { inParallel, type Run } from './command.js'
import type { HostPort } from './database.js'
import { keys } from './keys.js'
import { linksOf, removeLink } from './links.js'
import { portName } from './names.js'
import { deletePorts, portsOf } from './ports.js'

/** What detach has removed: names, none where there was nothing to remove. */
export interface Detached {
  readonly ports: readonly string[]
  readonly devices: readonly string[]
}

/**
 * Unplugs workloads: their ports go, and their veth pairs; a TAP device stays, being the machine's. Nothing that attach
 * has not made is touched. With `owner`, what was attached on somebody else's behalf meanwhile stays. Throws AttachError.
 */
export async function detach(
  { run, database }: Host,
  interfaceIds: readonly string[],
  owner?: string,
): Promise<Detached> {
  const all = database.ports()
  const found = interfaceIds.map((id) => ({ id, ports: portsOf(all, id) }))
  const due = found.filter(({ ports }) => owner === undefined || ports.every((port) => isOf(port, owner)))
  const ports = due.flatMap((each) => each.ports)
  if (ports.length > 0) await database.transact((tx) => deletePorts(tx, ports))
  const devices = await removePairs(
    run,
    due.map(({ id }) => id),
  )
  return { ports: ports.map((port) => port.interface.name), devices }
}

const isOf = ({ interface: { external_ids } }: HostPort, owner: string): boolean =>
  (external_ids.get(keys.owner) ?? owner) === owner

/** Removes the veth pairs of interfaces, as far as they are there, and returns their names on the host. */
export async function removePairs(run: Run, interfaceIds: readonly string[]): Promise<readonly string[]> {
  const links = await linksOf(run)
  const names = interfaceIds.map(portName).filter((name) => links.get(name)?.kind === 'veth')
  await inParallel(names, 4, (name) => removeLink(run, name))
  return names
}
