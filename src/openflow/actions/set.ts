/** Actions that change fields. */

import type { Action } from '../action.js'
import { EncodeError, type Reader, type Writer } from '../bytes.js'
import { writeBits, writeField } from '../entry.js'
import { fieldByHeader, fieldSpec, type IndexedField } from '../fields.js'
import { fits } from '../integers.js'
import {
  readFieldHeader,
  readRange,
  readShortHeader,
  type Subfield,
  subfieldIn,
  subfieldOf,
  UnknownPartError,
  writeFieldHeader,
  writeRange,
  writeShortHeader,
} from '../subfield.js'
import { type AnyValue, readValue } from '../value.js'
import { bytesOf, segments, toInteger } from './bits.js'
import { begin, type Definitions, end, nicira, onf } from './definition.js'

const setFieldType = 25
const regLoad = nicira(7)
const regLoad2 = nicira(33)

function readField(r: Reader): Action {
  const at = r.offset
  const head = r.u32()
  const masked = (head & 0x100) !== 0
  const body = r.window(head & 0xff)
  const spec = fieldByHeader(head, head >>> 16 === 0xffff ? body.u32() : 0)
  if (spec === undefined) throw new UnknownPartError(`unknown field 0x${head.toString(16)}`, at)
  const size = masked ? body.remaining >>> 1 : body.remaining
  const { field } = spec
  const value = readValue(body, spec, size)
  return masked
    ? { type: 'setField', field, value, mask: readValue(body, spec, size) }
    : { type: 'setField', field, value }
}

function putRegLoad(w: Writer, dst: Subfield, value: bigint): void {
  const start = begin(w, regLoad)
  writeRange(w, dst)
  writeShortHeader(w, dst)
  w.u64(value)
  end(w, start)
}

/** A load of at most 64 bits each. */
function putRegLoads(w: Writer, { field, offset, bits }: Subfield, value: bigint): void {
  for (let from = 0; from < bits; from += 64) {
    const part = { field, offset: offset + from, bits: Math.min(64, bits - from) }
    putRegLoad(w, part, BigInt.asUintN(part.bits, value >> BigInt(from)))
  }
}

function putField(
  w: Writer,
  code: number,
  spec: IndexedField,
  version: 0 | 4 | 5 | 6,
  value: AnyValue,
  mask?: AnyValue,
): void {
  const start = begin(w, code)
  writeField(w, spec, spec.header[version], value, mask)
  end(w, start)
}

/** Before OpenFlow 1.5 a set-field with a mask is a load of each run of bits. */
function putMasked(w: Writer, spec: IndexedField, value: AnyValue, mask: AnyValue): void {
  if (spec.header[0].experimenter !== undefined || spec.size === 0) {
    putField(w, regLoad2, spec, 0, value, mask)
    return
  }
  const bits = toInteger(spec, value)
  for (const { offset, bits: count } of segments(toInteger(spec, mask), spec.bits)) {
    const part = (bits >> BigInt(offset)) & ((1n << BigInt(count)) - 1n)
    putRegLoad(w, { field: spec.field, offset, bits: count }, part)
  }
}

function isExact(spec: IndexedField, mask: AnyValue): boolean {
  return spec.size > 0 && toInteger(spec, mask) === (1n << BigInt(spec.size * 8)) - 1n
}

/** Writes the load as the set-field that it is in OpenFlow 1.5, or as Nicira's newer form before. */
function putLoad(
  w: Writer,
  code: number,
  version: 0 | 6,
  spec: IndexedField,
  value: bigint,
  dst: Subfield,
): void {
  // All that a tunnel option could have is as many bytes as the value needs.
  if (spec.size === 0 && dst.bits === spec.bits) {
    putField(w, code, spec, version, bytesOf(value))
    return
  }
  const start = begin(w, code)
  writeBits(w, spec, spec.header[version], value, dst)
  end(w, start)
}

export const set: Definitions<
  'setField' | 'load' | 'move' | 'push' | 'pop' | 'deleteField' | 'checkPktLarger'
> = {
  setField: {
    encode(w, { field, value, mask }, { version }) {
      const spec = fieldSpec(field)
      if (version === 6 || mask === undefined || isExact(spec, mask))
        putField(w, setFieldType, spec, version, value, mask)
      else putMasked(w, spec, value, mask)
    },
    decode: { [setFieldType]: readField, [regLoad2]: readField },
  },
  load: {
    encode(w, { value, dst }, { version }) {
      if (!fits(value, dst.bits)) throw new EncodeError(`${value} needs more than ${dst.bits} bits`)
      const spec = fieldSpec(dst.field)
      if (version === 6) putLoad(w, setFieldType, version, spec, value, dst)
      else if (spec.header[0].experimenter !== undefined || spec.size === 0)
        putLoad(w, regLoad2, 0, spec, value, dst)
      else putRegLoads(w, dst, value)
    },
    decode: {
      [regLoad]: (r) => {
        const range = readRange(r)
        const dst = subfieldIn(readShortHeader(r), range, r)
        return { type: 'load', value: r.u64(), dst }
      },
    },
  },
  move: {
    encode(w, { src, dst }, { version }) {
      const start = begin(w, version === 6 ? 28 : nicira(6))
      w.u16(dst.bits)
      w.u16(src.offset)
      w.u16(dst.offset)
      if (version === 6) w.u16(0)
      writeFieldHeader(w, src, version === 6 ? version : 0)
      writeFieldHeader(w, dst, version === 6 ? version : 0)
      end(w, start)
    },
    decode: {
      28: (r) => readMove(r, 0, 2),
      [nicira(6)]: (r) => readMove(r, 0, 0),
      [onf(3200)]: (r) => readMove(r, 2, 2),
    },
  },
  push: {
    encode: (w, { src }) => putStack(w, 27, src),
    decode: { [nicira(27)]: (r) => ({ type: 'push', src: readStack(r) }) },
  },
  pop: {
    encode: (w, { dst }) => putStack(w, 28, dst),
    decode: { [nicira(28)]: (r) => ({ type: 'pop', dst: readStack(r) }) },
  },
  deleteField: {
    encode(w, reference) {
      const start = begin(w, nicira(50))
      writeFieldHeader(w, reference, 0)
      w.zeros(24 - (w.length - start))
      end(w, start)
    },
    decode: { [nicira(50)]: (r) => ({ type: 'deleteField', ...readFieldHeader(r) }) },
  },
  checkPktLarger: {
    encode(w, { bytes, dst }) {
      const start = begin(w, nicira(49))
      w.u16(bytes)
      w.u16(dst.offset)
      writeFieldHeader(w, dst, 0)
      w.zeros(24 - (w.length - start))
      end(w, start)
    },
    decode: {
      [nicira(49)]: (r) => {
        const bytes = r.u16()
        const offset = r.u16()
        return {
          type: 'checkPktLarger',
          bytes,
          dst: subfieldOf(readFieldHeader(r), offset, 1, r),
        }
      },
    },
  },
}

function readMove(r: Reader, before: number, after: number): Action {
  r.skip(before)
  const bits = r.u16()
  const from = r.u16()
  const to = r.u16()
  r.skip(after)
  const src = subfieldOf(readFieldHeader(r), from, bits, r)
  return { type: 'move', src, dst: subfieldOf(readFieldHeader(r), to, bits, r) }
}

function putStack(w: Writer, subtype: number, subfield: Subfield): void {
  const start = begin(w, nicira(subtype))
  w.u16(subfield.offset)
  writeFieldHeader(w, subfield, 0)
  w.u16(subfield.bits)
  w.zeros(24 - (w.length - start))
  end(w, start)
}

function readStack(r: Reader): Subfield {
  const offset = r.u16()
  const field = readFieldHeader(r)
  return subfieldOf(field, offset, r.u16(), r)
}
