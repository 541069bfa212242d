import type { ActionOf } from '../openflow/flow.js'
import type { Connection, Connections, Found } from './connections.js'
import { Header } from './header.js'
import type { Packet } from './packet.js'
import { replyTuple, translate } from './translation.js'
import { familyOf, opens, reversed, type Tuple, tupleOf } from './tuple.js'

/** Bits of the conntrack state (ovs-fields(7), ct_state). */
export const ctState = {
  new: 0x01,
  established: 0x02,
  related: 0x04,
  reply: 0x08,
  invalid: 0x10,
  tracked: 0x20,
  sourceTranslated: 0x40,
  destinationTranslated: 0x80,
} as const

const flag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32 } as const
const tcp = 6

/** A ct action with its zone as a number. */
export type Tracking = Omit<ActionOf<'ct'>, 'zone' | 'table' | 'type'> & { readonly zone: number }

/** Applies what a ct action does to mark and label, which are in the header's fields. */
export type Exec = (header: Header) => void

/** What a packet is to conntrack. */
interface Seen {
  readonly state: number
  /** Its connection; undefined: none, or none yet. */
  readonly found?: Found
  /** The tuple that a commit makes a connection from; undefined where it makes none. */
  readonly fresh?: Tuple
}

/**
 * Tracks a packet: `header` becomes what the table behind the action sees, its fields of conntrack and translated
 * addresses included. Answers the connections after that. TCP is followed by its flags only, and is picked up in the
 * middle, as the user-space datapath does it.
 */
export function track(
  connections: Connections,
  header: Header,
  packet: Packet,
  action: Tracking,
  exec: Exec,
): { readonly connections: Connections; readonly packet: Packet } {
  const { zone, commit = false, force = false, nat } = action
  let table = connections
  let seen = look(table, header, packet, zone)
  if (force && seen.found?.reply && (seen.state & ctState.related) === 0) {
    table = table.without(seen.found.connection)
    seen = look(table, header, packet, zone)
  }
  let connection = seen.found && advance(seen.found, header, seen.state)
  if (seen.fresh && commit) {
    const ends = replyTuple(seen.fresh, nat, table, zone)
    if (ends === undefined) seen = { state: ctState.invalid }
    else {
      const before = table.find(zone, seen.fresh)
      if (before) table = table.without(before.connection)
      connection = {
        zone,
        original: seen.fresh,
        ...ends,
        mark: 0,
        label: 0n,
        answered: false,
        ended: { original: false, reply: false },
      }
    }
  }
  let state = seen.state | ctState.tracked
  let after = packet
  const reply = seen.found?.reply ?? false
  if (connection && nat) {
    const translated = translate(connection, reply, header, packet)
    state |= translated.state
    after = translated.packet
  }
  header.set('ctState', BigInt(state))
  header.set('ctZone', BigInt(zone))
  header.set('ctMark', BigInt(connection?.mark ?? 0))
  header.set('ctLabel', connection?.label ?? 0n)
  writeOriginal(header, connection?.original ?? (seen.state === ctState.invalid ? undefined : seen.fresh))
  if (connection) {
    exec(header)
    connection = { ...connection, mark: header.number('ctMark'), label: header.get('ctLabel') }
    table = table.with(connection)
  }
  return { connections: table, packet: after }
}

function look(connections: Connections, header: Header, packet: Packet, zone: number): Seen {
  const { about } = packet
  if (about) {
    const quoted = Header.of({ ethType: familyOf(header) === 6 ? 0x86dd : 0x0800, ...about })
    const tuple = tupleOf(quoted, packet)
    const found = tuple && connections.find(zone, reversed(tuple))
    if (!found) return { state: ctState.invalid }
    return { state: ctState.related | (found.reply ? ctState.reply : 0), found }
  }
  const tuple = tupleOf(header, packet)
  if (!tuple) return { state: ctState.invalid }
  const flags = tuple.protocol === tcp ? header.number('tcpFlags') : undefined
  if (flags !== undefined && invalidFlags(flags)) return { state: ctState.invalid }
  const found = connections.find(zone, tuple)
  const starts = flags !== undefined && (flags & (flag.syn | flag.ack)) === flag.syn
  if (!found || (starts && found.connection.ended.original && found.connection.ended.reply)) {
    const halfOpen = flags !== undefined && (flags & flag.syn) !== 0 && !starts
    return halfOpen || !opens(tuple) ? { state: ctState.invalid } : { state: ctState.new, fresh: tuple }
  }
  if (found.reply) return { state: ctState.established | ctState.reply, found }
  const established = found.connection.answered || (flags !== undefined && !starts)
  return { state: established ? ctState.established : ctState.new, found }
}

/** Combinations that no TCP sends (RFC 9293). */
function invalidFlags(flags: number): boolean {
  const { fin, syn, rst, psh, ack, urg } = flag
  if (flags & syn) {
    if (flags & (rst | fin)) return true
  } else if ((flags & (ack | rst)) === 0) return true
  return (flags & ack) === 0 && (flags & (fin | psh | urg)) !== 0
}

/** The connection after one more packet. */
function advance({ connection, reply }: Found, header: Header, state: number): Connection {
  if (state & (ctState.related | ctState.invalid)) return connection
  const flags = connection.original.protocol === tcp ? header.number('tcpFlags') : 0
  const reset = (flags & flag.rst) !== 0
  const fin = (flags & flag.fin) !== 0
  const { original, reply: other } = connection.ended
  return {
    ...connection,
    answered: connection.answered || reply,
    ended: { original: original || reset || (fin && !reply), reply: other || reset || (fin && reply) },
  }
}

/** The fields that tell the tuple of a connection's first packet. */
function writeOriginal(header: Header, tuple: Tuple | undefined): void {
  const four = tuple?.family === 4 ? tuple : undefined
  const six = tuple?.family === 6 ? tuple : undefined
  header.set('ctNwSrc', four?.source ?? 0n)
  header.set('ctNwDst', four?.destination ?? 0n)
  header.set('ctIpv6Src', six?.source ?? 0n)
  header.set('ctIpv6Dst', six?.destination ?? 0n)
  header.set('ctNwProto', BigInt(tuple?.protocol ?? 0))
  header.set('ctTpSrc', BigInt(tuple?.sourcePort ?? 0))
  header.set('ctTpDst', BigInt(tuple?.destinationPort ?? 0))
}

/** Takes the packet's connection away from it. */
export function untrack(header: Header): void {
  for (const field of ['ctState', 'ctZone', 'ctMark', 'ctLabel'] as const) header.set(field, 0n)
  writeOriginal(header, undefined)
}
