/** The action that makes flows. */
import type { Action, ActionOf, LearnSource, LearnSpec } from '../action.js'
import { DecodeError, type Reader, type Writer } from '../bytes.js'
import {
  readFieldHeader,
  readShortHeader,
  type Subfield,
  subfieldOf,
  writeFieldHeader,
  writeShortHeader,
} from '../subfield.js'
import { begin, type Definitions, end, nicira } from './definition.js'

const sendFlowRemFlag = 1
const deleteLearnedFlag = 2
const writeResultFlag = 4

/** A specification's header: source in bit 13, destination in bits 11 and 12, count of bits below. */
const immediateSource = 1 << 13
const destinations = { match: 0, load: 1 << 11, output: 2 << 11 } as const

const defaultPriority = 32768

function putSubfield(w: Writer, subfield: Subfield): void {
  writeShortHeader(w, subfield)
  w.u16(subfield.offset)
}

function readSubfield(r: Reader, bits: number): Subfield {
  const field = readShortHeader(r)
  return subfieldOf(field, r.u16(), bits, r)
}

function putSpec(w: Writer, spec: LearnSpec): void {
  if (spec.to === 'output') {
    w.u16(destinations.output | spec.src.bits)
    putSubfield(w, spec.src)
    return
  }
  const { src, dst } = spec
  w.u16(destinations[spec.to] | dst.bits | ('value' in src ? immediateSource : 0))
  if ('value' in src) w.uint(src.value, 2 * Math.ceil(dst.bits / 16))
  else putSubfield(w, src.field)
  putSubfield(w, dst)
}

function readSource(r: Reader, head: number, bits: number): LearnSource {
  return head & immediateSource
    ? { value: r.uint(2 * Math.ceil(bits / 16)) }
    : { field: readSubfield(r, bits) }
}

/** Reads up to the padding, which begins with a zero. */
function readSpecs(r: Reader): LearnSpec[] {
  const specs: LearnSpec[] = []
  while (r.remaining >= 2) {
    const at = r.offset
    const head = r.u16()
    if (head === 0) break
    const bits = head & 0x7ff
    const to = head & 0x1800
    if (to === destinations.output) specs.push({ to: 'output', src: readSubfield(r, bits) })
    else if (to === destinations.match)
      specs.push({ to: 'match', src: readSource(r, head, bits), dst: readSubfield(r, bits) })
    else if (to === destinations.load)
      specs.push({ to: 'load', src: readSource(r, head, bits), dst: readSubfield(r, bits) })
    else throw new DecodeError(`learn specification 0x${head.toString(16)}`, at)
  }
  return specs
}

function decodeLearn(r: Reader, extended: boolean): Action {
  const [idleTimeout, hardTimeout, priority] = [r.u16(), r.u16(), r.u16()]
  const cookie = r.u64()
  const flags = r.u16()
  const table = r.u8()
  r.skip(1)
  const [finIdleTimeout, finHardTimeout] = [r.u16(), r.u16()]
  const limit = extended ? r.u32() : 0
  const offset = extended ? r.u16() : 0
  if (extended) r.skip(2)
  const resultDst = flags & writeResultFlag ? subfieldOf(readFieldHeader(r), offset, 1, r) : undefined
  return {
    type: 'learn',
    table,
    ...(idleTimeout !== 0 && { idleTimeout }),
    ...(hardTimeout !== 0 && { hardTimeout }),
    ...(finIdleTimeout !== 0 && { finIdleTimeout }),
    ...(finHardTimeout !== 0 && { finHardTimeout }),
    ...(priority !== defaultPriority && { priority }),
    ...(cookie !== 0n && { cookie }),
    ...(flags & sendFlowRemFlag && { sendFlowRem: true }),
    ...(flags & deleteLearnedFlag && { deleteLearned: true }),
    ...(limit !== 0 && { limit }),
    ...(resultDst !== undefined && { resultDst }),
    specs: readSpecs(r),
  }
}

function encodeLearn(w: Writer, action: ActionOf<'learn'>): void {
  const { resultDst, limit = 0, specs, sendFlowRem, deleteLearned } = action
  const extended = limit !== 0 || resultDst !== undefined
  const start = begin(w, nicira(extended ? 45 : 16))
  w.u16(action.idleTimeout ?? 0)
  w.u16(action.hardTimeout ?? 0)
  w.u16(action.priority ?? defaultPriority)
  w.u64(action.cookie ?? 0n)
  w.u16(
    (sendFlowRem ? sendFlowRemFlag : 0) |
      (deleteLearned ? deleteLearnedFlag : 0) |
      (resultDst === undefined ? 0 : writeResultFlag),
  )
  w.u8(action.table)
  w.u8(0)
  w.u16(action.finIdleTimeout ?? 0)
  w.u16(action.finHardTimeout ?? 0)
  if (extended) {
    w.u32(limit)
    w.u16(resultDst?.offset ?? 0)
    w.u16(0)
    if (resultDst !== undefined) writeFieldHeader(w, resultDst, 0)
  }
  for (const spec of specs) putSpec(w, spec)
  end(w, start)
}

export const learn: Definitions<'learn'> = {
  learn: {
    encode: encodeLearn,
    decode: {
      [nicira(16)]: (r) => decodeLearn(r, false),
      [nicira(45)]: (r) => decodeLearn(r, true),
    },
  },
}
