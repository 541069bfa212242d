/** Tracked connections that the switch shall forget: a zone, or what matches a tuple (include/openflow/nicira-ext.h). */

import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../addresses.js'
import { EncodeError } from '../bytes.js'
import { type Codec, join, optional, pad, struct, u8, u16, u32, u128 } from '../codec.js'
import { properties, property } from '../properties.js'
import { kind, nicira } from './kind.js'

/** An IPv6 address, or an IPv4 address in its mapped form. */
const address: Codec<string> = {
  encode(w, value) {
    const ipv4 = parseIpv4(value)
    const words = ipv4 === undefined ? parseIpv6(value) : ([0, 0, 0xffff, ipv4] as const)
    if (words === undefined) throw new EncodeError(`'${value}' is no address`)
    for (const word of words) w.u32(word)
  },
  decode(r) {
    const words = [r.u32(), r.u32(), r.u32(), r.u32()] as const
    const [a, b, c, d] = words
    return a === 0 && b === 0 && c === 0xffff ? formatIpv4(d) : formatIpv6(words)
  },
}

const tuple = properties({
  source: property(0, address),
  destination: property(1, address),
  sourcePort: property(2, u16, { least: 4 }),
  destinationPort: property(3, u16, { least: 4 }),
  icmpId: property(4, u16, { least: 4 }),
  icmpType: property(5, u8, { least: 4 }),
  icmpCode: property(6, u8, { least: 4 }),
})
export type CtTuple = ReturnType<typeof tuple.decode>

/** NXT_CT_FLUSH_ZONE: all connections of a zone. */
export const ctFlushZone = kind('ctFlushZone', [nicira(29)], struct({ _: pad(6), zone: u16 }))

/** NXT_CT_FLUSH: connections with these tuples; Open vSwitch 3.1 and later, marks and labels since 3.3. */
export const ctFlush = kind(
  'ctFlush',
  [nicira(32)],
  join(
    struct({ protocol: optional(u8, 0), _: pad(7) }),
    properties({
      original: property(0, tuple, { lead: 4 }),
      reply: property(1, tuple, { lead: 4 }),
      zone: property(2, u16, { least: 4 }),
      mark: property(3, u32),
      markMask: property(4, u32),
      labels: property(5, u128),
      labelsMask: property(6, u128),
    }),
  ),
)
