/** Lists of actions on the wire (OpenFlow 1.5.1, §7.2.6; Open vSwitch's extensions, ovs-actions(7)). */
import type { Action, ActionType } from './action.js'
import { controller } from './actions/controller.js'
import { ct } from './actions/ct.js'
import {
  ActionEncodeError,
  type Context,
  type Decode,
  type Definitions,
  experimenterType,
  vendorCode,
} from './actions/definition.js'
import { learn } from './actions/learn.js'
import { output } from './actions/output.js'
import { set } from './actions/set.js'
import { simple } from './actions/simple.js'
import { special } from './actions/special.js'
import { DecodeError, EncodeError, type Reader, type Writer } from './bytes.js'
import { UnknownPartError } from './subfield.js'
import type { Version } from './version.js'

/** Instructions are no actions: they stand beside lists of actions, never in them. */
export type InstructionType =
  | 'clearActions'
  | 'writeActions'
  | 'writeMetadata'
  | 'gotoTable'
  | 'unknownInstruction'

type ListedType = Exclude<ActionType, InstructionType | 'unknown'>

const definitions: Definitions<ListedType> = {
  ...output,
  ...set,
  ...simple,
  ...ct,
  ...learn,
  ...controller,
  ...special,
}

/** Every type of action that has a form of its own on the wire. */
export const listedTypes: readonly ActionType[] = Object.keys(definitions) as ListedType[]

interface Encoder {
  encode(w: Writer, action: Action, context: Context): void
}

const encoders: ReadonlyMap<string, Encoder> = new Map(Object.entries<Encoder>(definitions))

const decoders: ReadonlyMap<number, Decode> = new Map(
  Object.values<{ readonly decode: Readonly<Record<number, Decode>> }>(definitions).flatMap(({ decode }) =>
    Object.entries(decode).map(([code, read]): [number, Decode] => [Number(code), read]),
  ),
)

/** Actions in actions, deeper than this, are refused: they would cost a stack. */
const maxDepth = 32

/** A list of actions, `depth` lists deep in others. */
class List implements Context {
  constructor(
    readonly version: Version,
    readonly depth: number,
  ) {
    if (depth > maxDepth) throw new EncodeError(`actions nest deeper than ${maxDepth}`)
  }

  encode(w: Writer, actions: readonly Action[]): void {
    encodeList(w, actions, new List(this.version, this.depth + 1))
  }

  decode(r: Reader): Action[] {
    return decodeList(r, this.version, this.depth + 1)
  }
}

function encodeAction(w: Writer, action: Action, context: Context): void {
  const encoder = encoders.get(action.type)
  if (encoder !== undefined) encoder.encode(w, action, context)
  else if (action.type === 'unknown') w.bytes(action.bytes)
  else throw new EncodeError(`${action.type} is an instruction`)
}

function encodeList(w: Writer, actions: readonly Action[], context: Context): void {
  for (const action of actions) {
    try {
      encodeAction(w, action, context)
    } catch (error) {
      if (!(error instanceof EncodeError) || error instanceof ActionEncodeError) throw error
      throw new ActionEncodeError(action, error)
    }
  }
}

function decodeAction(r: Reader, context: Context): Action {
  const start = r.offset
  const type = r.u16()
  const length = r.u16()
  if (length < 8 || length % 8 !== 0) throw new DecodeError(`action of length ${length}`, start)
  const body = r.window(length - 4)
  let code: number | undefined = type
  if (type === experimenterType) code = body.remaining < 8 ? undefined : vendorCode(body.u32(), body.u16())
  const decode = code === undefined ? undefined : decoders.get(code)
  const unknown = (): Action => ({
    type: 'unknown',
    bytes: Buffer.from(r.buffer.subarray(start, start + length)),
  })
  if (decode === undefined) return unknown()
  try {
    return decode(body, context)
  } catch (error) {
    if (error instanceof UnknownPartError) return unknown()
    throw error
  }
}

function decodeList(r: Reader, version: Version, depth: number): Action[] {
  if (depth > maxDepth) throw new DecodeError(`actions nest deeper than ${maxDepth}`, r.offset)
  const context = new List(version, depth)
  const actions: Action[] = []
  while (r.remaining > 0) actions.push(decodeAction(r, context))
  return actions
}

/**
 * Writes a list of actions, as in a packet-out or a bucket.
 * @throws EncodeError for instructions, for values that do not fit, and for what cannot be said in this form
 */
export function encodeActions(w: Writer, actions: readonly Action[], version: Version): void {
  encodeList(w, actions, new List(version, 0))
}

/**
 * Reads actions up to the end of the window; those that we do not know survive as `unknown`.
 * @throws DecodeError
 */
export function decodeActions(r: Reader, version: Version): Action[] {
  return decodeList(r, version, 0)
}
