import type { Reads } from '../../src/model/reads.js'
import type { Direction } from '../../src/model/rows.js'
import type { Match } from '../../src/openflow/flow.js'
import { from, to } from '../protocols.js'
import type { reg } from '../registers.js'

/** One of the two places where a packet is judged, with what differs between them. Tables begin with its name. */
export interface Side {
  readonly name: Direction
  /** The other place: its half of a connection's label says whether replies pass here. */
  readonly other: Direction
  /** First bit of this side's half of the label. */
  readonly half: 0 | 32
  /** Where a packet goes on that may pass. */
  readonly next: 'router' | 'deliver'
  /** Packets whose other end is in a block or has an address. */
  readonly remote: (block: string) => Match
}

/** At the source's host, and at the destination's. */
export const sides: Readonly<Record<Direction, Side>> = {
  egress: { name: 'egress', other: 'ingress', half: 0, next: 'router', remote: to },
  ingress: {
    name: 'ingress',
    other: 'egress',
    half: 32,
    next: 'deliver',
    remote: from,
  },
}

/** Whether some rule asks for ports here, of a tenant's policies, or of those that concern `everything`. */
export function asksForPorts({ name }: Side, tenant: string, reads: Reads): boolean {
  return reads.by('directionsWithPorts', tenant).includes(name)
}

/** The fields of {@link Side.remote}. */
export function remoteFields({ name }: Side) {
  return name === 'egress'
    ? (['ethType', 'ipv4Dst', 'ipv6Dst'] as const)
    : (['ethType', 'ipv4Src', 'ipv6Src'] as const)
}

/** Connections whose label has these bits in one side's half. */
export function labelled({ half }: Side, value: number, mask = 0xffffffff): Match {
  const at = BigInt(half)
  return { ctLabel: { value: BigInt(value) << at, mask: BigInt(mask) << at } }
}

/** The upper and lower half of a class, as values of two registers. */
export function halves(of: string): readonly [high: number, low: number] {
  return [Number.parseInt(of.slice(0, 8), 16), Number.parseInt(of.slice(8), 16)]
}

/** Packets for which two registers hold this class. */
export function ofClass(high: RegisterName, low: RegisterName, of: string): Match {
  const [upper, lower] = halves(of)
  return { [high]: upper, [low]: lower }
}

type RegisterName = (typeof reg)[keyof typeof reg]
