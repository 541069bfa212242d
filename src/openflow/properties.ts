/**
 * Lists of properties: type, length, payload, padded to 8 bytes (OpenFlow 1.5.1, §7.2.4 and others; Nicira's
 * extensions use the same form). A property that the description does not know survives as bytes.
 */
import { DecodeError, EncodeError, type Reader, type Writer } from './bytes.js'
import type { Codec } from './codec.js'
import type { Version } from './version.js'

/** A property nobody described: its type, and all that follows its length field. */
export interface RawProperty {
  readonly type: number
  readonly data: Buffer
}

/** The payload of one property, after the four bytes of its header. */
export interface Property<T> {
  readonly type: number
  readonly codec: Codec<T>
  /** Zero bytes between header and payload: 4 where the payload needs 64-bit alignment. */
  readonly lead: number
  /** Bytes that the payload at least occupies, with zeros after it: 16-bit values have a length of 8. */
  readonly least: number
  /** Whose property it is, for type 0xffff. */
  readonly experimenter?: Owner
}

interface Owner {
  readonly id: number
  readonly subtype: number
}

const experimenterType = 0xffff

export type PropertyMap = Readonly<Record<string, Property<unknown>>>
type Values<P extends PropertyMap> = { [K in keyof P]?: P[K] extends Property<infer T> ? T : never }
export type PropertiesOf<P extends PropertyMap> = Values<P> & { otherProperties?: RawProperty[] }

export function property<T>(
  type: number | Owner,
  codec: Codec<T>,
  { lead = 0, least = 0 }: { lead?: number; least?: number } = {},
): Property<T> {
  if (typeof type === 'number') return { type, codec, lead, least }
  return { type: experimenterType, codec, lead, least, experimenter: type }
}

function key(type: number, owner?: Owner): string {
  return owner === undefined ? `${type}` : `${owner.id}:${owner.subtype}`
}

function write(w: Writer, type: number, payload: () => void): void {
  const start = w.length
  w.u16(type)
  w.u16(0)
  payload()
  const length = w.length - start
  if (length > 0xffff) throw new EncodeError(`a property of ${length} bytes is too long`)
  w.patchU16(start + 2, length)
  w.pad(8, start)
}

/** Visits properties up to the end of the window, each with its type and what follows its header. */
export function readProperties(r: Reader, visit: (type: number, payload: Reader) => void): void {
  while (r.remaining > 0) {
    const start = r.offset
    const type = r.u16()
    const length = r.u16()
    if (length < 4) throw new DecodeError(`a property of ${length} bytes is too short`, start)
    visit(type, r.window(length - 4))
    r.align(8, start)
  }
}

/** Properties up to the end of the surrounding structure, in any order, each at most once (the last one counts). */
export function properties<const P extends PropertyMap>(map: P): Codec<PropertiesOf<P>> {
  const entries = Object.entries(map)
  const known = new Map(entries.map(([name, p]) => [key(p.type, p.experimenter), { ...p, name }]))
  return {
    encode(w: Writer, value: PropertiesOf<P>, version: Version) {
      const record: Readonly<Record<string, unknown>> = value
      for (const [name, { type, codec, lead, least, experimenter }] of entries) {
        const given = record[name]
        if (given === undefined) continue
        write(w, type, () => {
          if (experimenter !== undefined) {
            w.u32(experimenter.id)
            w.u32(experimenter.subtype)
          }
          w.zeros(lead)
          const start = w.length
          codec.encode(w, given, version)
          w.zeros(Math.max(0, least - (w.length - start)))
        })
      }
      for (const { type, data } of value.otherProperties ?? []) write(w, type, () => w.bytes(data))
    },
    decode(r: Reader, version: Version) {
      const record: Record<string, unknown> = {}
      const others: RawProperty[] = []
      readProperties(r, (type, payload) => {
        const owner =
          type === experimenterType && payload.remaining >= 8
            ? {
                id: payload.buffer.readUInt32BE(payload.offset),
                subtype: payload.buffer.readUInt32BE(payload.offset + 4),
              }
            : undefined
        const found = known.get(key(type, owner))
        if (found === undefined) {
          others.push({ type, data: payload.rest() })
          return
        }
        payload.skip((owner === undefined ? 0 : 8) + found.lead)
        record[found.name] = found.codec.decode(payload, version)
      })
      if (others.length > 0) record.otherProperties = others
      return record as PropertiesOf<P>
    },
  }
}
