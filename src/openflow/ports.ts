/** Reserved port numbers (OpenFlow 1.5.1, §7.2.1.1), and the 16-bit numbers that Nicira's extensions still use. */

import { EncodeError } from './bytes.js'

export const Port = {
  /** Largest number of a real port on Open vSwitch. */
  max: 0xfeff,
  unset: 0xfffffff7,
  inPort: 0xfffffff8,
  table: 0xfffffff9,
  normal: 0xfffffffa,
  flood: 0xfffffffb,
  all: 0xfffffffc,
  controller: 0xfffffffd,
  local: 0xfffffffe,
  any: 0xffffffff,
} as const

const names = new Map<number, string>([
  [Port.unset, 'UNSET'],
  [Port.inPort, 'IN_PORT'],
  [Port.table, 'TABLE'],
  [Port.normal, 'NORMAL'],
  [Port.flood, 'FLOOD'],
  [Port.all, 'ALL'],
  [Port.controller, 'CONTROLLER'],
  [Port.local, 'LOCAL'],
  [Port.any, 'ANY'],
])

const numbers = new Map([...names].map(([port, name]) => [name, port]))

/** The port as text: `IN_PORT`, `LOCAL`, … or its number, which for reserved ones without a name is that of OpenFlow 1.0. */
export function formatPort(port: number): string {
  return names.get(port) ?? String(port >= 0xffffff00 ? port & 0xffff : port)
}

/** The port with this reserved name in any case, `NONE` included; undefined when there is none. */
export function reservedPort(name: string): number | undefined {
  const upper = name.toUpperCase()
  return upper === 'NONE' ? Port.any : numbers.get(upper)
}

/** A port number of OpenFlow 1.0, whose reserved numbers start at 0xff00, as the 32-bit number of later versions. */
export function widenPort(port: number): number {
  return port >= 0xff00 ? (port | 0xffff0000) >>> 0 : port
}

/**
 * The 16-bit number of a port, as Nicira's extensions write it.
 * @throws EncodeError for a port that has none
 */
export function narrowPort(port: number): number {
  if (port >>> 0 !== port || (port > 0xffff && port < 0xffffff00))
    throw new EncodeError(`port ${port} does not fit 16 bits`)
  return port & 0xffff
}
