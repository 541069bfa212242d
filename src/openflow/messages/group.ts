/** Groups: changes, descriptions, features (OpenFlow 1.5.1, §7.3.4.3 and §7.3.5.10 to §7.3.5.12). */
import { EncodeError } from '../bytes.js'
import {
  type Codec,
  list,
  named,
  optional,
  pad,
  perVersion,
  sized,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
} from '../codec.js'
import { readFieldMasks } from '../field-masks.js'
import { type PropertiesOf, properties, property } from '../properties.js'
import { type Bucket, BucketId, buckets } from './bucket.js'
import { any } from './flow-parts.js'
import { empty, kind, multipart } from './kind.js'

const groupType = named(u8, { all: 0, select: 1, indirect: 2, fastFailover: 3 })
/** OFPG_*: the last number of a group, all groups, no group in particular. */
export const GroupId = { max: 0xffffff00, all: 0xfffffffc, any } as const

/** How a group chooses among its buckets (OpenFlow 1.5.1, §5.10.1). */
export type GroupType = ReturnType<typeof groupType.decode>

/**
 * How a group of type select chooses: `hash`, `dp_hash` or empty for the default; `fields` are OXM to hash.
 * Netronome's property, which Open vSwitch reads and writes.
 */
const fields: Codec<Buffer> = {
  encode: (w, value) => w.bytes(value),
  decode(r) {
    const bytes = r.buffer.subarray(r.offset, r.end)
    readFieldMasks(r)
    return bytes
  },
}
const selection = struct({ method: text(16), param: u64, fields })
const groupProperties = {
  selection: property({ id: 0x0000154d, subtype: 1 }, selection, { lead: 4 }),
} as const
export type GroupProperties = PropertiesOf<typeof groupProperties>
const propertyList = properties(groupProperties)

const command = named(u16, {
  add: 0,
  modify: 1,
  delete: 2,
  insertBucket: 3,
  removeBucket: 5,
  addOrModify: 0x8000,
})

export interface GroupModBody extends GroupProperties {
  command: ReturnType<typeof command.decode>
  groupType?: GroupType
  group: number
  /** Place of insertion, or the bucket to remove: {@link BucketId}; since OpenFlow 1.5. */
  bucket?: number
  buckets?: readonly Bucket[]
}

const head = struct({ command, groupType: optional(groupType, 'all'), _: pad(1), group: u32 })

const groupModBody: Codec<GroupModBody> = {
  encode(w, value, version) {
    head.encode(w, value, version)
    const list = value.buckets ?? []
    if (version !== 6) {
      buckets.encode(w, list, version)
      return
    }
    const at = w.length
    w.u32(0)
    u32.encode(w, value.bucket ?? BucketId.all, version)
    buckets.encode(w, list, version)
    const size = w.length - at - 8
    if (size > 0xffff) throw new EncodeError(`${size} bytes of buckets are too long`)
    w.patchU16(at, size)
    propertyList.encode(w, value, version)
  },
  decode(r, version) {
    const start = head.decode(r, version)
    if (version !== 6) return { ...start, buckets: buckets.decode(r, version) }
    const size = r.u16()
    r.skip(2)
    const bucket = r.u32()
    const list = buckets.decode(r.window(size), version)
    return { ...start, bucket, buckets: list, ...propertyList.decode(r, version) }
  },
}

export const groupMod = kind('groupMod', 15, groupModBody)

/** A group as a switch describes it (OpenFlow 1.5.1, §7.3.5.11). */
export interface GroupDesc extends GroupProperties {
  groupType: GroupType
  group: number
  buckets: readonly Bucket[]
}

const descHead = struct({ _0: pad(2), groupType, _1: pad(1), group: u32 })

const groupDesc: Codec<GroupDesc> = sized({
  encode(w, value, version) {
    descHead.encode(w, value, version)
    const at = w.length
    if (version === 6) w.zeros(8)
    buckets.encode(w, value.buckets, version)
    if (version !== 6) return
    w.patchU16(at, w.length - at - 8)
    propertyList.encode(w, value, version)
  },
  decode(r, version) {
    const start = descHead.decode(r, version)
    if (version !== 6) return { ...start, buckets: buckets.decode(r, version) }
    const size = r.u16()
    r.skip(6)
    const list = buckets.decode(r.window(size), version)
    return { ...start, buckets: list, ...propertyList.decode(r, version) }
  },
})

const oneGroup = struct({ group: optional(u32, GroupId.all), _: pad(4) })
const nothing: Codec<{ group?: number }> = { encode: () => undefined, decode: () => ({}) }

/** In OpenFlow 1.3 and 1.4 the request is for all groups. */
export const [groupDescRequest, groupDescReply] = multipart(
  'groupDesc',
  7,
  perVersion((version): Codec<{ group?: number }> => (version === 6 ? oneGroup : nothing)),
  struct({ groups: list(groupDesc) }),
)

const counters = struct({ packets: u64, bytes: u64 })

export const [groupStatsRequest, groupStatsReply] = multipart(
  'groupStats',
  6,
  oneGroup,
  struct({
    groups: list(
      sized(
        struct({
          _0: pad(4),
          group: u32,
          references: u32,
          _1: pad(4),
          packets: u64,
          bytes: u64,
          durationSec: u32,
          durationNsec: u32,
          buckets: list(counters),
        }),
      ),
    ),
  }),
)

/** Four numbers: of the types all, select, indirect, fast failover. */
const perType: Codec<number[]> = {
  encode: (w, values, version) => {
    for (let type = 0; type < 4; type++) u32.encode(w, values[type] ?? 0, version)
  },
  decode: (r) => [r.u32(), r.u32(), r.u32(), r.u32()],
}

export const [groupFeaturesRequest, groupFeaturesReply] = multipart(
  'groupFeatures',
  8,
  empty,
  /** Bitmaps of types, capabilities (OFPGFC_*) and, for each type, action types. */
  struct({ types: u32, capabilities: u32, maxGroups: perType, actions: perType }),
)
