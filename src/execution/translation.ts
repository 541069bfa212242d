import { toInteger } from '../openflow/actions/bits.js'
import { fieldSpec } from '../openflow/fields.js'
import type { Nat } from '../openflow/flow.js'
import type { Connection, Connections } from './connections.js'
import { Header } from './header.js'
import type { Packet } from './packet.js'
import { familyOf, portFields, reversed, type Tuple } from './tuple.js'

const firstEphemeral = 1024
const lastPort = 65535

/**
 * What answers to a connection look like, translation included: the first address and port of the range whose answers
 * no other connection gets, the packet's own port where it is free. Undefined where none is left. (Open vSwitch begins
 * at an address that a hash chooses.)
 */
export function replyTuple(
  tuple: Tuple,
  nat: Nat | undefined,
  connections: Connections,
  zone: number,
): { readonly reply: Tuple; readonly translated?: 'src' | 'dst' } | undefined {
  const { kind, address } = nat ?? {}
  if (nat === undefined || kind === undefined || address === undefined) return { reply: reversed(tuple) }
  const spec = fieldSpec(tuple.family === 4 ? 'ipv4Src' : 'ipv6Src')
  const first = toInteger(spec, address)
  const last = nat.lastAddress === undefined ? first : toInteger(spec, nat.lastAddress)
  for (let candidate = first; candidate <= last; candidate++)
    for (const port of candidates(tuple, nat)) {
      const reply = reversed(
        kind === 'src'
          ? { ...tuple, source: candidate, sourcePort: port }
          : { ...tuple, destination: candidate, destinationPort: port },
      )
      if (!connections.find(zone, reply)) return { reply, translated: kind }
    }
  return undefined
}

/** Ports to try: the packet's own, or the range's. */
function* candidates(tuple: Tuple, { kind, port, lastPort: last }: Nat): Generator<number> {
  const own = kind === 'src' ? tuple.sourcePort : tuple.destinationPort
  if (port !== undefined) {
    if (portFields(tuple.protocol) === undefined) yield own
    else for (let each = port; each <= (last ?? port); each++) yield each
    return
  }
  yield own
  if (kind === 'src') for (let each = firstEphemeral; each <= lastPort; each++) yield each
}

/**
 * Translates a packet of a connection, what an ICMP error quotes included. Answers the bits of its state, and the
 * packet with what is not in the header.
 */
export function translate(
  { original, reply: back, translated }: Connection,
  reply: boolean,
  header: Header,
  packet: Packet,
): { readonly state: number; readonly packet: Packet } {
  if (translated === undefined) return { state: 0, packet }
  const { about } = packet
  const forth = reversed(back)
  const end = (translated === 'src') === !reply ? 'source' : 'destination'
  const becomes = reply ? reversed(original) : forth
  write(header, becomes, end, about === undefined)
  const state = end === 'source' ? 0x40 : 0x80
  const asked = packet.query === undefined ? packet : { ...packet, query: becomes.sourcePort }
  if (about === undefined) return { state, packet: asked }
  const quoted = Header.of({ ethType: familyOf(header) === 6 ? 0x86dd : 0x0800, ...about })
  write(quoted, reversed(becomes), end === 'source' ? 'destination' : 'source', true)
  return { state, packet: { ...asked, about: quoted.fields() } }
}

function write(header: Header, tuple: Tuple, end: 'source' | 'destination', withPort: boolean): void {
  const six = tuple.family === 6
  const [source, destination] = six ? (['ipv6Src', 'ipv6Dst'] as const) : (['ipv4Src', 'ipv4Dst'] as const)
  header.set(end === 'source' ? source : destination, tuple[end])
  const ports = withPort ? portFields(tuple.protocol) : undefined
  if (ports && header.has(ports[0]))
    header.set(
      end === 'source' ? ports[0] : ports[1],
      BigInt(end === 'source' ? tuple.sourcePort : tuple.destinationPort),
    )
}
