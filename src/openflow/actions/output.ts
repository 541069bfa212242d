/** Actions that send packets somewhere. */

import { fieldSpec } from '../fields.js'
import { narrowPort, Port, widenPort } from '../ports.js'
import {
  readFieldHeader,
  readRange,
  readShortHeader,
  subfieldIn,
  writeFieldHeader,
  writeRange,
  writeShortHeader,
} from '../subfield.js'
import { bare, begin, type Definitions, end, nicira } from './definition.js'

const defaultMaxLen = (port: number): number => (port === Port.controller ? 0xffff : 0)

export const output: Definitions<
  'output' | 'outputReg' | 'outputTrunc' | 'group' | 'setQueue' | 'popQueue' | 'meter' | 'resubmit'
> = {
  output: {
    encode(w, { port, maxLen = defaultMaxLen(port) }) {
      const start = begin(w, 0)
      w.u32(port)
      w.u16(maxLen)
      w.zeros(6)
      end(w, start)
    },
    decode: {
      0: (r) => {
        const port = r.u32()
        const maxLen = r.u16()
        return maxLen === defaultMaxLen(port) ? { type: 'output', port } : { type: 'output', port, maxLen }
      },
    },
  },
  outputReg: {
    encode(w, { src, maxLen }) {
      const long = fieldSpec(src.field).header[0].experimenter !== undefined
      const start = begin(w, nicira(long ? 32 : 15))
      writeRange(w, src)
      if (long) {
        w.u16(maxLen)
        writeFieldHeader(w, src, 0)
        w.zeros(24 - (w.length - start))
      } else {
        writeShortHeader(w, src)
        w.u16(maxLen)
        w.zeros(6)
      }
      end(w, start)
    },
    decode: {
      [nicira(15)]: (r) => {
        const range = readRange(r)
        const src = subfieldIn(readShortHeader(r), range, r)
        return { type: 'outputReg', src, maxLen: r.u16() }
      },
      [nicira(32)]: (r) => {
        const range = readRange(r)
        const maxLen = r.u16()
        return { type: 'outputReg', src: subfieldIn(readFieldHeader(r), range, r), maxLen }
      },
    },
  },
  outputTrunc: {
    encode(w, { port, maxLen }) {
      const start = begin(w, nicira(39))
      w.u16(narrowPort(port))
      w.u32(maxLen)
      end(w, start)
    },
    decode: { [nicira(39)]: (r) => ({ type: 'outputTrunc', port: widenPort(r.u16()), maxLen: r.u32() }) },
  },
  group: {
    encode(w, { group }) {
      const start = begin(w, 22)
      w.u32(group)
      end(w, start)
    },
    decode: { 22: (r) => ({ type: 'group', group: r.u32() }) },
  },
  setQueue: {
    encode(w, { queue }) {
      const start = begin(w, 21)
      w.u32(queue)
      end(w, start)
    },
    decode: { 21: (r) => ({ type: 'setQueue', queue: r.u32() }) },
  },
  popQueue: bare(nicira(5), { type: 'popQueue' }),
  /** An action since OpenFlow 1.5; before, an instruction. */
  meter: {
    encode(w, { meter }) {
      const start = begin(w, 29)
      w.u32(meter)
      end(w, start)
    },
    decode: { 29: (r) => ({ type: 'meter', meter: r.u32() }) },
  },
  resubmit: {
    encode(w, { port = Port.inPort, table, ct }) {
      const start = begin(w, nicira(ct ? 44 : table === undefined ? 1 : 14))
      w.u16(narrowPort(port))
      if (ct || table !== undefined) w.u8(table ?? 0xff)
      end(w, start)
    },
    decode: {
      [nicira(1)]: (r) => ({ type: 'resubmit', port: widenPort(r.u16()) }),
      [nicira(14)]: (r) => {
        const port = widenPort(r.u16())
        const table = r.u8()
        return port === Port.inPort ? { type: 'resubmit', table } : { type: 'resubmit', port, table }
      },
      [nicira(44)]: (r) => {
        const port = widenPort(r.u16())
        const table = r.u8()
        return port === Port.inPort
          ? { type: 'resubmit', table, ct: true }
          : { type: 'resubmit', port, table, ct: true }
      },
    },
  },
}
