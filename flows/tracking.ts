/** Bits of the conntrack state (ovs-fields, ct_state). */
export const bit = {
  new: 0x01,
  established: 0x02,
  related: 0x04,
  reply: 0x08,
  invalid: 0x10,
  tracked: 0x20,
} as const

/** What comes back in connections that exist: replies, and errors about them. */
export const answers = [
  { value: bit.tracked | bit.established, mask: bit.tracked | bit.established | bit.new | bit.invalid },
  {
    value: bit.tracked | bit.related,
    mask: bit.tracked | bit.related | bit.established | bit.new | bit.invalid,
  },
] as const
