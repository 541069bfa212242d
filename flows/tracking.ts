/** Bits of the conntrack state (ovs-fields, ct_state). */
export const bit = {
  new: 0x01,
  established: 0x02,
  related: 0x04,
  reply: 0x08,
  invalid: 0x10,
  tracked: 0x20,
  destinationTranslated: 0x80,
} as const

/** Packets of what conntrack knows, or could. */
export const valid = { ctState: { value: bit.tracked, mask: bit.tracked | bit.invalid } } as const

/** What comes back in connections that exist: replies, and errors about them. */
export const answers = [
  { value: bit.tracked | bit.established, mask: bit.tracked | bit.established | bit.new | bit.invalid },
  {
    value: bit.tracked | bit.related,
    mask: bit.tracked | bit.related | bit.established | bit.new | bit.invalid,
  },
] as const

/** Packets in the direction of a connection's first one. */
export const original = {
  value: bit.tracked,
  mask: bit.tracked | bit.reply | bit.invalid | bit.related,
} as const

/** The first packet of a connection, and every other until it has an answer. */
export const opening = {
  value: bit.tracked | bit.new,
  mask: bit.tracked | bit.new | bit.related | bit.invalid,
} as const

/** Likewise, and conntrack has given the packet another destination. */
export const openingTranslated = {
  value: opening.value | bit.destinationTranslated,
  mask: opening.mask | bit.destinationTranslated,
} as const

/** What conntrack takes for invalid in a connection that it knows, and translates all the same: it is out of its windows. */
export const outOfWindow = {
  value: bit.tracked | bit.invalid | bit.destinationTranslated,
  mask: bit.tracked | bit.invalid | bit.destinationTranslated,
} as const
