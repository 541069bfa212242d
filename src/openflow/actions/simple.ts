/** Actions on headers and lifetimes that carry at most a number or two. */
import type { ActionOf } from '../action.js'
import type { Reader, Writer } from '../bytes.js'
import { bare, begin, type Definitions, end, nicira } from './definition.js'

function putU16(w: Writer, code: number, value: number): void {
  const start = begin(w, code)
  w.u16(value)
  end(w, start)
}

function putU8(w: Writer, code: number, value: number): void {
  const start = begin(w, code)
  w.u8(value)
  end(w, start)
}

function readIds(r: Reader): ActionOf<'decTtl'> {
  const count = r.u16()
  r.skip(4)
  return { type: 'decTtl', ids: Array.from({ length: Math.min(count, r.remaining >>> 1) }, () => r.u16()) }
}

export const simple: Definitions<
  | 'pushVlan'
  | 'popVlan'
  | 'pushMpls'
  | 'popMpls'
  | 'decMplsTtl'
  | 'setMplsTtl'
  | 'setTtl'
  | 'decTtl'
  | 'decNshTtl'
  | 'ctClear'
  | 'exit'
  | 'conjunction'
  | 'note'
  | 'finTimeout'
> = {
  pushVlan: {
    encode: (w, { ethType }) => putU16(w, 17, ethType),
    decode: { 17: (r) => ({ type: 'pushVlan', ethType: r.u16() }) },
  },
  popVlan: bare(18, { type: 'popVlan' }),
  pushMpls: {
    encode: (w, { ethType }) => putU16(w, 19, ethType),
    decode: { 19: (r) => ({ type: 'pushMpls', ethType: r.u16() }) },
  },
  popMpls: {
    encode: (w, { ethType }) => putU16(w, 20, ethType),
    decode: { 20: (r) => ({ type: 'popMpls', ethType: r.u16() }) },
  },
  decMplsTtl: bare(16, { type: 'decMplsTtl' }),
  setMplsTtl: {
    encode: (w, { ttl }) => putU8(w, 15, ttl),
    decode: { 15: (r) => ({ type: 'setMplsTtl', ttl: r.u8() }) },
  },
  setTtl: {
    encode: (w, { ttl }) => putU8(w, 23, ttl),
    decode: { 23: (r) => ({ type: 'setTtl', ttl: r.u8() }) },
  },
  decTtl: {
    encode(w, { ids }) {
      const start = begin(w, ids === undefined ? 24 : nicira(21))
      if (ids !== undefined) {
        w.u16(ids.length)
        w.zeros(4)
        for (const id of ids) w.u16(id)
      }
      end(w, start)
    },
    decode: { 24: () => ({ type: 'decTtl' }), [nicira(21)]: readIds },
  },
  decNshTtl: bare(nicira(48), { type: 'decNshTtl' }),
  ctClear: bare(nicira(43), { type: 'ctClear' }),
  exit: bare(nicira(17), { type: 'exit' }),
  conjunction: {
    encode(w, { id, clause, clauses }) {
      const start = begin(w, nicira(34))
      w.u8(clause - 1)
      w.u8(clauses)
      w.u32(id)
      end(w, start)
    },
    decode: {
      [nicira(34)]: (r) => {
        const clause = r.u8() + 1
        const clauses = r.u8()
        return { type: 'conjunction', id: r.u32(), clause, clauses }
      },
    },
  },
  note: {
    encode(w, { bytes }) {
      const start = begin(w, nicira(8))
      w.bytes(bytes)
      end(w, start)
    },
    decode: { [nicira(8)]: (r) => ({ type: 'note', bytes: Buffer.from(r.rest()) }) },
  },
  finTimeout: {
    encode(w, { idleTimeout, hardTimeout }) {
      const start = begin(w, nicira(19))
      w.u16(idleTimeout)
      w.u16(hardTimeout)
      end(w, start)
    },
    decode: { [nicira(19)]: (r) => ({ type: 'finTimeout', idleTimeout: r.u16(), hardTimeout: r.u16() }) },
  },
}
