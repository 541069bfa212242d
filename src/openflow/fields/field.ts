/**
 * What a field is: one row of facts gives its type, its wire form and its text.
 * Identifiers are those of OpenFlow 1.5.1, §7.2.3.7, and of Open vSwitch's extensions (ovs-fields(7)).
 */
import type { Version } from '../version.js'

/** Type of a field's values, by kind. */
export interface KindValue {
  /** Up to 32 bits. */
  number: number
  /** 64 or 128 bits. */
  bigint: bigint
  /** `aa:bb:cc:dd:ee:ff` */
  mac: string
  /** `a.b.c.d` */
  ipv4: string
  /** RFC 5952 */
  ipv6: string
  /** A tunnel option, whose size the switch's TLV table decides. */
  bytes: Uint8Array
}

export type Kind = keyof KindValue

/** How a value is written as text. */
export type Form =
  | 'decimal'
  | 'hex'
  | 'port'
  | 'mac'
  | 'ipv4'
  | 'ipv6'
  | 'frag'
  | 'ctState'
  | 'tcpFlags'
  | 'tunFlags'
  | 'packetType'

/** One of a field's identifiers on the wire. */
export interface Header {
  /** As in `NXM_NX_REG0[0..15]`. */
  readonly name: string
  /** Class and field, at their places in the 32-bit header; mask bit and length are zero. */
  readonly first: number
  /** Follows the header when the class is "experimenter"; undefined for other classes. */
  readonly experimenter: number | undefined
  /** First version that has this identifier; 0 for Nicira's, which all versions take. */
  readonly since: number
}

export interface Field<K extends Kind = Kind> {
  /** Open vSwitch's name, as in `set_field:1->reg0`. */
  readonly text: string
  readonly kind: K
  readonly form: Form
  /** Bytes of a value on the wire; 0 when it varies. */
  readonly size: number
  /** Significant bits. */
  readonly bits: number
  readonly headers: readonly [Header, ...Header[]]
  /** Stands only in Ethernet packets, so that a match on it implies packet type Ethernet. */
  readonly ethernet: boolean
}

const classes: readonly (readonly [prefix: string, oxmClass: number, experimenter?: number])[] = [
  ['NXM_OF_', 0x0000],
  ['NXM_NX_', 0x0001],
  ['NXOXM_NSH_', 0xffff, 0x005ad650],
  ['NXOXM_ET_', 0xffff, 0x00002320],
  ['ONFOXM_ET_', 0xffff, 0x4f4e4600],
  ['ERICOXM_OF_', 0x1000],
  ['OXM_OF_PKT_REG', 0x8001],
  ['OXM_OF_', 0x8000],
]

/** Reads `NXM_NX_REG0 0` or, with the first version that has it, `OXM_OF_TCP_FLAGS 42 6`. */
function header(id: string): Header {
  const [name = '', number, since] = id.split(' ')
  const found = classes.find(([prefix]) => name.startsWith(prefix))
  if (found === undefined) throw new TypeError(`no class for ${name}`)
  const [, oxmClass, experimenter] = found
  const first = ((oxmClass << 16) | (Number(number) << 9)) >>> 0
  const nicira = oxmClass < 2 || experimenter === 0x2320
  const version = since === undefined ? (nicira ? 0 : 4) : Number(since)
  return { name, first, experimenter, since: version }
}

/** Makes rows of one kind; `headers` in Open vSwitch's order of preference for names. */
function row<K extends Kind>(
  kind: K,
  form: Form,
  size: number,
  bits: number,
  text: string,
  ids: readonly string[],
): Field<K> {
  const [first, ...others] = ids.map(header)
  if (first === undefined) throw new TypeError(`${text} has no identifier`)
  return { text, kind, form, size, bits, headers: [first, ...others], ethernet: false }
}

export const u8 = (text: string, bits: number, form: Form, ...ids: string[]): Field<'number'> =>
  row('number', form, 1, bits, text, ids)
export const u16 = (text: string, bits: number, form: Form, ...ids: string[]): Field<'number'> =>
  row('number', form, 2, bits, text, ids)
export const u32 = (text: string, bits: number, form: Form, ...ids: string[]): Field<'number'> =>
  row('number', form, 4, bits, text, ids)
export const u64 = (text: string, ...ids: string[]): Field<'bigint'> => row('bigint', 'hex', 8, 64, text, ids)
export const u128 = (text: string, ...ids: string[]): Field<'bigint'> =>
  row('bigint', 'hex', 16, 128, text, ids)
export const mac = (text: string, ...ids: string[]): Field<'mac'> => row('mac', 'mac', 6, 48, text, ids)
export const ipv4 = (text: string, ...ids: string[]): Field<'ipv4'> => row('ipv4', 'ipv4', 4, 32, text, ids)
export const ipv6 = (text: string, ...ids: string[]): Field<'ipv6'> => row('ipv6', 'ipv6', 16, 128, text, ids)
export const bytes = (text: string, ...ids: string[]): Field<'bytes'> =>
  row('bytes', 'hex', 0, 992, text, ids)

/** The group's fields, marked as fields of Ethernet packets. */
export function inEthernet<T extends Record<string, Field>>(group: T): T {
  const marked = Object.entries(group).map(([name, field]) => [name, { ...field, ethernet: true }])
  return Object.fromEntries(marked) as T
}

/** `count` fields that differ in their number only. */
export function numbered<N extends string, K extends Kind>(
  count: number,
  make: (i: number) => readonly [N, Field<K>],
): Record<N, Field<K>> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => make(i))) as Record<N, Field<K>>
}

/** The identifier for a version; 0 asks for Nicira's form, which extension actions use whatever the version. */
export function headerFor(field: Field, version: Version | 0): Header {
  let best = field.headers[0]
  for (const header of field.headers) if (header.since <= version && header.since > best.since) best = header
  return best
}
