/** How one type of action goes on the wire: the shape of the rows in the table of actions, and their frames. */

import type { Action, ActionOf, ActionType } from '../action.js'
import { EncodeError, type Reader, type Writer } from '../bytes.js'
import type { Version } from '../version.js'

/** An action that cannot be put on the wire: the innermost one, where actions contain others. */
export class ActionEncodeError extends EncodeError {
  constructor(
    readonly action: Action,
    cause: EncodeError,
  ) {
    super(cause.message, { cause })
  }
}

/** What an action needs to know of its surroundings. */
export interface Context {
  readonly version: Version
  /** Writes the list of an action that contains others. */
  encode(w: Writer, actions: readonly Action[]): void
  /** Reads such a list up to the end of the window. */
  decode(r: Reader): Action[]
}

/** Reads an action's body: what follows type, length and, for an extension, vendor and subtype. */
export type Decode = (r: Reader, context: Context) => Action

export interface Definition<T extends ActionType> {
  encode(w: Writer, action: ActionOf<T>, context: Context): void
  /** By the action's code, see {@link standard} and {@link nicira}; several where it has several forms. */
  readonly decode: Readonly<Record<number, Decode>>
}

export type Definitions<T extends ActionType> = { readonly [K in T]: Definition<K> }

const experimenterType = 0xffff
const niciraVendor = 0x00002320
export const onfVendor = 0x4f4e4600

/** Codes of extensions are told from OpenFlow's own by the upper bits. */
export const nicira = (subtype: number): number => 0x10000 + subtype
export const onf = (subtype: number): number => 0x20000 + subtype

/** Code of an action by the fields of its header; undefined for other vendors. */
export function vendorCode(vendor: number, subtype: number): number | undefined {
  return vendor === niciraVendor ? nicira(subtype) : vendor === onfVendor ? onf(subtype) : undefined
}

/** Writes the header of an action; answers where it starts, for {@link end}. */
export function begin(w: Writer, code: number): number {
  const start = w.length
  if (code < 0x10000) w.u32(code * 0x10000)
  else {
    w.u32(experimenterType * 0x10000)
    w.u32(code < 0x20000 ? niciraVendor : onfVendor)
    w.u16(code & 0xffff)
  }
  return start
}

/** Pads the action to 8 bytes and writes its length. */
export function end(w: Writer, start: number): void {
  w.pad(8, start)
  w.patchU16(start + 2, w.length - start)
}

/** An action of header and padding only. */
export function bare<T extends ActionType>(code: number, action: ActionOf<T> & Action): Definition<T> {
  return {
    encode: (w) => end(w, begin(w, code)),
    decode: { [code]: () => action },
  }
}

export { experimenterType }
