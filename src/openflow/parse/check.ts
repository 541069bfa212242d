/** What values a field takes, and which fields actions may change (ovs-fields(7)). */
import { toInteger } from '../actions/bits.js'
import { type Entry, isMasked } from '../entry.js'
import type { FieldName, IndexedField } from '../fields.js'
import { fail, type Piece } from './piece.js'
import { unmaskable } from './unmaskable.js'

/** Bits of the values of fields that have others on the wire, or in the range of an action. */
const narrow: ReadonlyMap<FieldName, number> = new Map([
  ['arpOp', 8],
  ['nshTtl', 6],
  // With the bit that says that there is a tag.
  ['vlanVid', 13],
])

/** A value must fit the field's bits, and a mask be one that Open vSwitch takes. */
export function checkField(spec: IndexedField, entry: Entry, piece: Piece): void {
  const { value, mask } = isMasked(entry) ? entry : { value: entry, mask: undefined }
  if (mask !== undefined && unmaskable.has(spec.field)) {
    const bits = toInteger(spec, mask)
    if (bits !== 0n && bits !== (1n << BigInt(8 * spec.size)) - 1n)
      fail('bad-value', piece, 'cannot have a mask')
  }
  const bits = narrow.get(spec.field) ?? spec.bits
  if (spec.form !== 'decimal' && spec.form !== 'hex') return
  if (mask === undefined && toInteger(spec, value) >> BigInt(bits) !== 0n)
    fail('bad-value', piece, `needs more than ${bits} bits`)
}

const readOnly: ReadonlySet<FieldName> = new Set<FieldName>([
  'dpHash',
  'recircId',
  'packetType',
  'conjId',
  'tunGtpuFlags',
  'tunGtpuMsgtype',
  'actsetOutput',
  'ctState',
  'ctZone',
  'ctNwProto',
  'ctNwSrc',
  'ctNwDst',
  'ctIpv6Src',
  'ctIpv6Dst',
  'ctTpSrc',
  'ctTpDst',
  'ethType',
  'mplsBos',
  'ipProto',
  'ipFrag',
  'tcpFlags',
  'nshMdtype',
  'nshNp',
])

/** An action may change the field; those of a tracked connection only inside of `ct`. */
export function checkWritable(field: FieldName, piece: Piece, tracked: boolean): void {
  if (readOnly.has(field)) fail('bad-value', piece, 'cannot be changed')
  const ofConnection = field === 'ctMark' || field === 'ctLabel'
  if (ofConnection && !tracked) fail('bad-value', piece, 'can be changed by ct(commit,exec(…)) only')
  if (tracked && !ofConnection) fail('bad-value', piece, 'cannot be changed inside of ct')
}
