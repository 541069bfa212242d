/** Which options of Geneve headers the fields tun_metadata<n> hold (include/openflow/nicira-ext.h). */
import { list, named, pad, struct, u8, u16, u32 } from '../codec.js'
import { empty, kind, nicira } from './kind.js'

/** `length` in bytes, a multiple of 4; `field` is n of tun_metadata<n>. */
const mapping = struct({ optionClass: u16, optionType: u8, length: u8, field: u16, _: pad(2) })
export type TlvMapping = ReturnType<typeof mapping.decode>

export const tlvTableMod = kind(
  'tlvTableMod',
  [nicira(24)],
  struct({ command: named(u16, { add: 0, delete: 1, clear: 2 }), _: pad(6), mappings: list(mapping) }),
)
export const tlvTableRequest = kind('tlvTableRequest', [nicira(25)], empty)
export const tlvTableReply = kind(
  'tlvTableReply',
  [nicira(26)],
  struct({ maxSpace: u32, maxFields: u16, _: pad(10), mappings: list(mapping) }),
)
