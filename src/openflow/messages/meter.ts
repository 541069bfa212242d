/** Meters: changes, configuration, counters, features (OpenFlow 1.5.1, §7.3.4.5 and §7.3.5.13 to §7.3.5.15). */
import { DecodeError } from '../bytes.js'
import { type Codec, list, named, optional, pad, sized, struct, u8, u16, u32, u64 } from '../codec.js'
import { any } from './flow-parts.js'
import { empty, kind, multipart } from './kind.js'

/** OFPMF_*: unit of rates, bursts, statistics. */
export const MeterFlag = { kbps: 1, pktps: 2, burst: 4, stats: 8 } as const

/** Meters that are not flows': the slow path, the controller connection, all. */
export const MeterId = {
  max: 0xffff0000,
  slowpath: 0xfffffffd,
  controller: 0xfffffffe,
  all: 0xffffffff,
} as const

/** `rate` and `burst` in kilobits (or packets) per second and kilobits (or packets). */
export type MeterBand =
  | { type: 'drop'; rate: number; burst: number }
  | { type: 'dscpRemark'; rate: number; burst: number; precedence: number }
  | { type: 'unknown'; band: number; rate: number; burst: number; data: Buffer }

const bandTypes = { drop: 1, dscpRemark: 2 } as const

const band: Codec<MeterBand> = {
  encode(w, value, version) {
    const start = w.length
    u16.encode(w, value.type === 'unknown' ? value.band : bandTypes[value.type], version)
    w.u16(0)
    u32.encode(w, value.rate, version)
    u32.encode(w, value.burst, version)
    if (value.type === 'unknown') w.bytes(value.data)
    else {
      u8.encode(w, value.type === 'dscpRemark' ? value.precedence : 0, version)
      w.zeros(3)
    }
    w.patchU16(start + 2, w.length - start)
  },
  decode(r) {
    const start = r.offset
    const type = r.u16()
    const length = r.u16()
    if (length < 12) throw new DecodeError(`a meter band of ${length} bytes is too short`, start)
    const body = r.window(length - 4)
    const rate = body.u32()
    const burst = body.u32()
    if (type === bandTypes.drop && length === 16) return { type: 'drop', rate, burst }
    if (type === bandTypes.dscpRemark && length === 16)
      return { type: 'dscpRemark', rate, burst, precedence: body.u8() }
    return { type: 'unknown', band: type, rate, burst, data: body.rest() }
  },
}

export const meterMod = kind(
  'meterMod',
  29,
  struct({
    command: named(u16, { add: 0, modify: 1, delete: 2 }),
    /** {@link MeterFlag}. */
    flags: optional(u16, 0),
    meter: u32,
    bands: list(band),
  }),
)

const oneMeter = struct({ meter: optional(u32, any), _: pad(4) })

const meterConfig = sized(struct({ _: pad(2), flags: u16, meter: u32, bands: list(band) }))
/** A meter as a switch tells of it (OpenFlow 1.5.1, §7.3.5.14). */
export type MeterConfig = ReturnType<typeof meterConfig.decode>

export const [meterConfigRequest, meterConfigReply] = multipart(
  'meterConfig',
  10,
  oneMeter,
  struct({ meters: list(meterConfig) }),
)

const meterStats = sized(
  struct({
    meter: u32,
    _: pad(8),
    /** Flows that use the meter; unused in OpenFlow 1.5. */
    flows: u32,
    packets: u64,
    bytes: u64,
    durationSec: u32,
    durationNsec: u32,
    bands: list(struct({ packets: u64, bytes: u64 })),
  }),
  4,
)

export const [meterStatsRequest, meterStatsReply] = multipart(
  'meterStats',
  9,
  oneMeter,
  struct({ meters: list(meterStats) }),
)

export const [meterFeaturesRequest, meterFeaturesReply] = multipart(
  'meterFeatures',
  11,
  empty,
  struct({
    maxMeter: u32,
    /** Bitmaps of band types and {@link MeterFlag}. */
    bandTypes: u32,
    capabilities: u32,
    maxBands: u8,
    maxColor: u8,
    features: optional(u16, 0),
  }),
)
