import type { PortRange } from '../model/rows.js'
import type { Connection } from './connection.js'

/** Whether a rule's ports have what the connection asks for; without ports a rule is about any protocol. */
export function hasPort(ports: readonly PortRange[] | undefined, { protocol, port }: Connection): boolean {
  return ports === undefined || ports.some((range) => range.protocol === protocol && isIn(range, port))
}

function isIn({ range }: PortRange, port: number | undefined): boolean {
  return range === undefined || (port !== undefined && range[0] <= port && port <= range[1])
}
