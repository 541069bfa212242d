/** Statistics of flows as OXS fields (OpenFlow 1.5.1, §7.2.4). */
import { DecodeError } from '../bytes.js'
import { type Codec, u32, u64 } from '../codec.js'

/** Counters of a flow or of several; what the switch does not know is absent. */
export interface FlowStats {
  durationSec?: number
  durationNsec?: number
  idleSec?: number
  idleNsec?: number
  flows?: number
  packets?: bigint
  bytes?: bigint
  /** Fields that we do not know, with their oxsHeaders. */
  otherStats?: Buffer[]
}

const basicClass = 0x8002
const Field = { duration: 0, idleTime: 1, flows: 3, packets: 4, bytes: 5 } as const

function header(field: number, size: number): number {
  return basicClass * 0x10000 + (field << 9) + size
}

/** Headers of the fields: class, number and length. */
export const oxsHeaders = {
  duration: header(Field.duration, 8),
  idleTime: header(Field.idleTime, 8),
  flows: header(Field.flows, 4),
  packets: header(Field.packets, 8),
  bytes: header(Field.bytes, 8),
} as const

/** `struct ofp_stats`: a 16-bit reserved field, the length without padding, the fields, padding to 8 bytes. */
export const flowStats: Codec<FlowStats> = {
  encode(w, stats, version) {
    const start = w.length
    w.u16(0)
    w.u16(0)
    const time = (head: number, sec: number | undefined, nsec = 0) => {
      if (sec === undefined) return
      w.u32(head)
      u32.encode(w, sec, version)
      u32.encode(w, nsec, version)
    }
    time(oxsHeaders.duration, stats.durationSec, stats.durationNsec)
    time(oxsHeaders.idleTime, stats.idleSec, stats.idleNsec)
    if (stats.flows !== undefined) {
      w.u32(oxsHeaders.flows)
      u32.encode(w, stats.flows, version)
    }
    for (const name of ['packets', 'bytes'] as const) {
      const value = stats[name]
      if (value === undefined) continue
      w.u32(oxsHeaders[name])
      u64.encode(w, value, version)
    }
    for (const other of stats.otherStats ?? []) w.bytes(other)
    w.patchU16(start + 2, w.length - start)
    w.pad(8, start)
  },
  decode(r) {
    const start = r.offset
    r.skip(2)
    const length = r.u16()
    if (length < 4) throw new DecodeError(`statistics of ${length} bytes are too short`, start)
    const fields = r.window(length - 4)
    const stats: FlowStats = {}
    while (fields.remaining > 0) {
      const at = fields.offset
      const head = fields.u32()
      switch (head) {
        case oxsHeaders.duration:
          stats.durationSec = fields.u32()
          stats.durationNsec = fields.u32()
          break
        case oxsHeaders.idleTime:
          stats.idleSec = fields.u32()
          stats.idleNsec = fields.u32()
          break
        case oxsHeaders.flows:
          stats.flows = fields.u32()
          break
        case oxsHeaders.packets:
          stats.packets = fields.u64()
          break
        case oxsHeaders.bytes:
          stats.bytes = fields.u64()
          break
        default:
          fields.skip(head & 0xff)
          stats.otherStats = [...(stats.otherStats ?? []), r.buffer.subarray(at, fields.offset)]
      }
    }
    r.align(8, start)
    return stats
  },
}
