import type { Uuid } from '../ovsdb/index.js'
import type { HostPort, HostTransaction } from './database.js'
import { AttachError } from './error.js'
import { keys, question } from './keys.js'
import { portName } from './names.js'
import { type Attachment, externalIds, portOf } from './plan.js'

/** What a host's ports mean for a workload that is to be plugged in. */
export interface PortPlan {
  /** The port that is the workload's already. */
  readonly own?: HostPort
  /** Ports of ours that are the workload's but not as they should be. */
  readonly stale: readonly HostPort[]
}

/** Whether attach made a port for this interface; one that was killed before it marked it has made the name. */
const isOurs = ({ interface: { name, external_ids } }: HostPort, interfaceId: string): boolean =>
  external_ids.get(keys.iface) === interfaceId &&
  (external_ids.has(keys.attached) || name === portName(interfaceId))

/** The ports that attach has made for an interface. */
export const portsOf = (ports: readonly HostPort[], interfaceId: string): readonly HostPort[] =>
  ports.filter((port) => isOurs(port, interfaceId))

/**
 * Looks for what is there of an attachment. Throws AttachError `name-taken` where somebody else's port has the name or
 * the iface-id: two ports of one workload are none.
 */
export function planPort(ports: readonly HostPort[], attachment: Attachment): PortPlan {
  const { interface: id, bridge } = attachment
  const name = portOf(attachment)
  const ours = portsOf(ports, id)
  for (const port of ports) {
    if (ours.includes(port)) continue
    const where = `port ${port.interface.name} of bridge ${port.bridge.name}`
    if (port.interface.name === name) throw new AttachError('name-taken', `${where} is there already`)
    if (port.interface.external_ids.get(keys.iface) === id)
      throw new AttachError('name-taken', `${where} is ${id}, and sluice attach has not made it`)
  }
  const own = ours.find((port) => port.interface.name === name && port.bridge.name === bridge)
  return { ...(own === undefined ? {} : { own }), stale: ours.filter((port) => port !== own) }
}

/** The answer of the controller that a port carries. */
export function answerOf({ interface: { external_ids } }: HostPort): string | undefined {
  const answer = external_ids.get(keys.facts)
  return answer === question ? undefined : answer
}

export function insertPort(
  tx: HostTransaction,
  attachment: Attachment,
  bridge: Uuid,
  answer: string | undefined,
) {
  const name = portOf(attachment)
  const ids = externalIds(attachment)
  const external_ids = keys.facts in ids && answer !== undefined ? { ...ids, [keys.facts]: answer } : ids
  const port = tx.insert('Port', { name, interfaces: [tx.insert('Interface', { name, external_ids })] })
  return tx.mutate('Bridge', bridge, [['ports', 'insert', port]])
}

/** Makes a port that is there already say what this attachment says; what the controller has answered stays. */
export function correctPort(tx: HostTransaction, attachment: Attachment, port: HostPort): void {
  const present = port.interface.external_ids
  const answer = answerOf(port)
  const [mac, wanted] = [present.get(keys.mac), externalIds(attachment)]
  if (keys.facts in wanted && answer !== undefined) wanted[keys.facts] = answer
  if (keys.facts in wanted && mac !== undefined) wanted[keys.mac] = mac
  const ours = Object.values(keys).filter((key) => present.has(key) && present.get(key) !== wanted[key])
  const missing = Object.entries(wanted).filter(([key, value]) => present.get(key) !== value)
  if (ours.length === 0 && missing.length === 0) return
  tx.mutate('Interface', port.interface._uuid, [
    ['external_ids', 'delete', ours],
    ['external_ids', 'insert', Object.fromEntries(missing)],
  ])
}

export function deletePorts(tx: HostTransaction, ports: readonly HostPort[]): void {
  for (const { bridge, uuid } of ports) tx.mutate('Bridge', bridge._uuid, [['ports', 'delete', uuid]])
}
