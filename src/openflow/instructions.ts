/**
 * Instructions of a flow (OpenFlow 1.5.1, §7.2.5) from and to one list of actions. The order on the wire is that of
 * execution (§5.6), whatever the order in the list.
 */
import type { Action, ActionOf } from './action.js'
import { decodeActions, encodeActions } from './actions.js'
import { DecodeError, type Reader, type Writer } from './bytes.js'
import type { Version } from './version.js'

const types = {
  gotoTable: 1,
  writeMetadata: 2,
  writeActions: 3,
  applyActions: 4,
  clearActions: 5,
  meter: 6,
} as const

const allOnes = 0xffffffffffffffffn

function begin(w: Writer, type: number): number {
  const start = w.length
  w.u16(type)
  w.u16(0)
  return start
}

function end(w: Writer, start: number): void {
  w.pad(8, start)
  w.patchU16(start + 2, w.length - start)
}

function putNumber(w: Writer, type: number, value: number, size: 1 | 4): void {
  const start = begin(w, type)
  if (size === 1) w.u8(value)
  else w.u32(value)
  end(w, start)
}

function putList(w: Writer, type: number, actions: readonly Action[], version: Version): void {
  const start = begin(w, type)
  w.zeros(4)
  encodeActions(w, actions, version)
  end(w, start)
}

function putMetadata(w: Writer, { value, mask = allOnes }: ActionOf<'writeMetadata'>): void {
  const start = begin(w, types.writeMetadata)
  w.zeros(4)
  w.u64(value)
  w.u64(mask)
  end(w, start)
}

/** Rank of an element in the order of execution; 1 is for actions to apply. */
function rank(action: Action, version: Version): number {
  switch (action.type) {
    case 'meter':
      return version === 6 ? 1 : 0
    case 'clearActions':
      return 2
    case 'writeActions':
      return 3
    case 'writeMetadata':
      return 4
    case 'gotoTable':
      return 5
    case 'unknownInstruction':
      return 6
    default:
      return 1
  }
}

function putInstruction(w: Writer, action: Action, version: Version): void {
  switch (action.type) {
    case 'meter':
      putNumber(w, types.meter, action.meter, 4)
      break
    case 'clearActions':
      end(w, begin(w, types.clearActions))
      break
    case 'writeActions':
      putList(w, types.writeActions, action.actions, version)
      break
    case 'writeMetadata':
      putMetadata(w, action)
      break
    case 'gotoTable':
      putNumber(w, types.gotoTable, action.table, 1)
      break
    case 'unknownInstruction':
      w.bytes(action.bytes)
  }
}

function isPlain(actions: readonly Action[], version: Version): boolean {
  for (const action of actions) if (rank(action, version) !== 1) return false
  return true
}

/**
 * Writes a flow's list as instructions: one apply-actions for all actions, and the instructions around it.
 * @throws EncodeError
 */
export function encodeInstructions(w: Writer, actions: readonly Action[], version: Version): void {
  const plain = isPlain(actions, version)
  const apply = plain ? actions : actions.filter((action) => rank(action, version) === 1)
  const others = plain ? [] : actions.filter((action) => rank(action, version) !== 1)
  others.sort((a, b) => rank(a, version) - rank(b, version))
  for (const action of others) if (rank(action, version) === 0) putInstruction(w, action, version)
  if (apply.length > 0) putList(w, types.applyActions, apply, version)
  for (const action of others) if (rank(action, version) > 1) putInstruction(w, action, version)
}

function readMetadata(body: Reader): Action {
  body.skip(4)
  const value = body.u64()
  const mask = body.u64()
  return mask === allOnes ? { type: 'writeMetadata', value } : { type: 'writeMetadata', value, mask }
}

function readInstruction(r: Reader, version: Version): Action[] {
  const start = r.offset
  const type = r.u16()
  const length = r.u16()
  if (length < 8 || length % 8 !== 0) throw new DecodeError(`instruction of length ${length}`, start)
  const body = r.window(length - 4)
  switch (type) {
    case types.gotoTable:
      return [{ type: 'gotoTable', table: body.u8() }]
    case types.writeMetadata:
      return [readMetadata(body)]
    case types.writeActions:
      body.skip(4)
      return [{ type: 'writeActions', actions: decodeActions(body, version) }]
    case types.applyActions:
      body.skip(4)
      return decodeActions(body, version)
    case types.clearActions:
      return [{ type: 'clearActions' }]
    case types.meter:
      return [{ type: 'meter', meter: body.u32() }]
    default:
      return [{ type: 'unknownInstruction', bytes: Buffer.from(r.buffer.subarray(start, start + length)) }]
  }
}

/**
 * Reads instructions up to the end of the window, in the order of execution.
 * @throws DecodeError
 */
export function decodeInstructions(r: Reader, version: Version): Action[] {
  const actions: Action[] = []
  while (r.remaining > 0) actions.push(...readInstruction(r, version))
  const ordered = actions.every(
    (action, i) => i === 0 || rank(actions[i - 1] ?? action, version) <= rank(action, version),
  )
  return ordered ? actions : actions.toSorted((a, b) => rank(a, version) - rank(b, version))
}
