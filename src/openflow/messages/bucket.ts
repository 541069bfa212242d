/** Buckets of groups; OpenFlow 1.5 gave them ids and properties (OpenFlow 1.5.1, §7.3.4.3.1; OpenFlow 1.4.1, §7.3.4.2). */

import type { Action } from '../action.js'
import { DecodeError, EncodeError, type Reader, type Writer } from '../bytes.js'
import type { Codec } from '../codec.js'
import { u16, u32 } from '../codec.js'
import { properties, property, type RawProperty } from '../properties.js'
import type { Version } from '../version.js'
import { actions, any } from './flow-parts.js'

/** One bucket of a group: its actions, and when it is chosen (OpenFlow 1.5.1, §7.3.4.3). */
export interface Bucket {
  /** Since OpenFlow 1.5; the position in the list when left out. */
  id?: number
  /** Share of the traffic, for groups of type select. */
  weight?: number
  /** The bucket is alive while this port is, for groups of type fast failover. */
  watchPort?: number
  watchGroup?: number
  actions: readonly Action[]
  otherProperties?: RawProperty[]
}

/** Ids of buckets that are commands' arguments: the first, the last, all. */
export const BucketId = { max: 0xffffff00, first: 0xfffffffd, last: 0xfffffffe, all: 0xffffffff } as const

const bucketProperties = properties({
  weight: property(0, u16, { least: 4 }),
  watchPort: property(1, u32),
  watchGroup: property(2, u32),
})

function encodeSince15(w: Writer, bucket: Bucket, version: Version, position: number): void {
  const start = w.length
  w.u32(0)
  u32.encode(w, bucket.id ?? position, version)
  actions.encode(w, bucket.actions, version)
  w.patchU16(start + 2, w.length - start - 8)
  bucketProperties.encode(w, bucket, version)
  w.patchU16(start, w.length - start)
}

function decodeSince15(r: Reader, version: Version): Bucket {
  const start = r.offset
  const length = r.u16()
  const actionsLength = r.u16()
  const id = r.u32()
  if (length < 8) throw new DecodeError(`a bucket of ${length} bytes is too short`, start)
  const body = r.window(length - 8)
  const list = actions.decode(body.window(actionsLength), version)
  return { id, actions: list, ...bucketProperties.decode(body, version) }
}

function encodeBefore15(w: Writer, bucket: Bucket, version: Version): void {
  const start = w.length
  w.u16(0)
  u16.encode(w, bucket.weight ?? 0, version)
  u32.encode(w, bucket.watchPort ?? any, version)
  u32.encode(w, bucket.watchGroup ?? any, version)
  w.zeros(4)
  actions.encode(w, bucket.actions, version)
  w.patchU16(start, w.length - start)
}

function decodeBefore15(r: Reader, version: Version): Bucket {
  const start = r.offset
  const length = r.u16()
  const weight = r.u16()
  const watchPort = r.u32()
  const watchGroup = r.u32()
  r.skip(4)
  if (length < 16) throw new DecodeError(`a bucket of ${length} bytes is too short`, start)
  return {
    ...(weight === 0 ? {} : { weight }),
    ...(watchPort === any ? {} : { watchPort }),
    ...(watchGroup === any ? {} : { watchGroup }),
    actions: actions.decode(r.window(length - 16), version),
  }
}

/** Buckets up to the end of the surrounding structure. */
export const buckets: Codec<readonly Bucket[]> = {
  encode(w, list, version) {
    list.forEach((bucket, position) => {
      const start = w.length
      if (version === 6) encodeSince15(w, bucket, version, position)
      else encodeBefore15(w, bucket, version)
      if (w.length - start > 0xffff) throw new EncodeError('a bucket is too long')
    })
  },
  decode(r, version) {
    const list: Bucket[] = []
    while (r.remaining > 0) list.push(version === 6 ? decodeSince15(r, version) : decodeBefore15(r, version))
    return list
  },
}
