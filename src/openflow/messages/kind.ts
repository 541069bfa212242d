/** Where on the wire a kind of message stands, and what its body looks like. */
import { type Codec, struct } from '../codec.js'
import type { Version } from '../version.js'

/** Experimenter ids (OpenFlow 1.5.1, §7.5.4): Open vSwitch's extensions, and those of the ONF for OpenFlow 1.3. */
export const Experimenter = { nicira: 0x00002320, onf: 0x4f4e4600 } as const

export const experimenterType = 4
export const multipartRequestType = 18
export const multipartReplyType = 19
export const experimenterMultipart = 0xffff

/** The numbers that tell messages apart: `type` of the header, and those of multipart and experimenter headers. */
export interface Place {
  readonly type: number
  readonly multipart?: number
  readonly experimenter?: number
  readonly subtype?: number
  /** Versions that have it; all when left out. */
  readonly first?: Version
  readonly last?: Version
}

/** One kind of message; in each version it stands in the first of its places that the version has. */
export interface Kind<N extends string, T> {
  readonly name: N
  readonly places: readonly Place[]
  readonly body: Codec<T>
}

/** A kind whose messages are parts of a longer one. */
export interface MultipartKind<N extends string, T> extends Kind<N, T> {
  readonly parts: true
}

/** Parts of a multipart message say whether more follow. */
export interface Part {
  more?: boolean
}

type Body<K, T> = K extends { readonly parts: true } ? T & Part : T
/** The value of a message of this kind. */
export type MessageOf<K> = K extends Kind<infer N, infer T> ? { type: N; xid: number } & Body<K, T> : never

export const empty = struct({})

export function kind<const N extends string, T>(
  name: N,
  at: number | readonly Place[],
  body: Codec<T>,
): Kind<N, T> {
  return { name, places: typeof at === 'number' ? [{ type: at }] : at, body }
}

/** A message of Open vSwitch's extensions (include/openflow/nicira-ext.h). */
export function nicira(subtype: number): Place {
  return { type: experimenterType, experimenter: Experimenter.nicira, subtype }
}

/** An extension of the ONF that brings a later version's message to OpenFlow 1.3. */
export function onf(subtype: number): Place {
  return { type: experimenterType, experimenter: Experimenter.onf, subtype, last: 4 }
}

/** Request and reply of one type of multipart message. */
export function multipart<const N extends string, Q, P>(
  name: N,
  at: number | readonly Omit<Place, 'type'>[],
  request: Codec<Q>,
  reply: Codec<P>,
): readonly [MultipartKind<`${N}Request`, Q>, MultipartKind<`${N}Reply`, P>] {
  const places = typeof at === 'number' ? [{ multipart: at }] : at
  const on = (type: number) => places.map((place) => ({ ...place, type }))
  return [
    { name: `${name}Request`, places: on(multipartRequestType), body: request, parts: true },
    { name: `${name}Reply`, places: on(multipartReplyType), body: reply, parts: true },
  ]
}

/** A body that is one list, under a name: `{ ports: [...] }`. */
export function field<const N extends string, T>(name: N, codec: Codec<T>): Codec<{ [K in N]: T }> {
  return {
    encode: (w, value, version) => codec.encode(w, value[name], version),
    decode: (r, version) => ({ [name]: codec.decode(r, version) }) as { [K in N]: T },
  }
}
