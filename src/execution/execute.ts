import type { Flow } from '../openflow/flow.js'
import { ExecutionError } from './errors.js'
import type { ConnectionsByHost, Execution, Topology } from './execution.js'
import { Header } from './header.js'
import { Machine } from './machine.js'
import type { Packet } from './packet.js'

/** A packet at a port. */
export interface Arrival {
  readonly host: string
  readonly port: number
  readonly packet: Packet
}

/**
 * Runs a packet through the flow tables of bridges, from its arrival at a port until every copy has ended, as Open
 * vSwitch would (ovs-actions(7)). Nothing is changed: the connections that it leaves behind are in the answer.
 * @param connections what the hosts track before
 * @throws ExecutionError for actions and fields that are not executed, for a host that has no bridge, and for flows
 * that send packets round and round
 */
export function execute<F extends Flow>(
  topology: Topology<F>,
  { host, port, packet }: Arrival,
  connections: ConnectionsByHost = new Map(),
): Execution<F> {
  if (!topology.bridges.has(host)) throw new ExecutionError('no-bridge', `${host} has no bridge`)
  const machine = new Machine(topology, connections)
  const header = Header.of(packet.fields)
  header.set('inPort', BigInt(port))
  machine.arrive(host, header, packet)
  return machine.execution()
}
