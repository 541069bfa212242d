import { originalTuple } from '../openflow/fields/outside.js'
import { type FieldName, fieldSpec } from '../openflow/fields.js'
import { type Fields, Header } from './header.js'
import { wholeFields } from './layout.js'

/** A packet as values: what no field tells stands beside them. */
export interface Packet {
  /** Its own fields; registers and the like may be set too, as if an earlier table had. */
  readonly fields: Fields
  /** Bytes with the Ethernet header, for `check_pkt_larger`; 0 when left out. */
  readonly length?: number
  /** Identifier of an ICMP query: what conntrack tells pings apart by; 0 when left out. */
  readonly query?: number
  /** Addresses, protocol and ports of the packet that an ICMP error is about, as its sender saw it. */
  readonly about?: Fields
  /** TCP, UDP or SCTP ports of the datagram that this is a later fragment of: conntrack puts it together. */
  readonly datagram?: { readonly source: number; readonly destination: number }
}

const original: ReadonlySet<string> = new Set(Object.keys(originalTuple))

/** Fields of the packet itself: what is left of a header on a wire. */
const ownFields: readonly FieldName[] = wholeFields.filter(
  (field) => fieldSpec(field).ethernet && !original.has(field),
)

/** The same packet as it comes to another bridge: without what the sender's switch kept with it. */
export function onTheWire(header: Header): Header {
  const arriving = Header.of({})
  for (const field of ownFields) arriving.set(field, header.get(field))
  return arriving
}
