/**
 * A small kit for descriptions of wire structures: one description gives the TypeScript type, the encoder and
 * the decoder. What differs between versions of OpenFlow is said in the description.
 */
import { DecodeError, EncodeError, type Reader, type Writer } from './bytes.js'
import type { Version } from './version.js'

/** How values of type `T` stand on the wire. `decode` throws nothing but {@link DecodeError}. */
export interface Codec<T> {
  encode(w: Writer, value: T, version: Version): void
  decode(r: Reader, version: Version): T
}

/** Bytes without a meaning: written as zeros, skipped when read, absent from the value. */
export interface Padding extends Codec<unknown> {
  readonly kind: 'padding'
}

/** A field that the value may lack. */
export interface Optional<T> extends Codec<T | undefined> {
  readonly kind: 'optional'
  readonly value: Codec<T>
}

export type Fields = Readonly<Record<string, Codec<unknown>>>
export type ValueOf<C> = C extends Optional<infer T> ? T : C extends Codec<infer T> ? T : never
type Required<F> = {
  [K in keyof F as F[K] extends Padding | Optional<unknown> ? never : K]: ValueOf<F[K]>
}
type Maybe<F> = { [K in keyof F as F[K] extends Optional<unknown> ? K : never]?: ValueOf<F[K]> }
type Flat<T> = { [K in keyof T]: T[K] }
export type StructOf<F> = Flat<Required<F> & Maybe<F>>

export const u8: Codec<number> = { encode: (w, value) => w.u8(value), decode: (r) => r.u8() }
export const u16: Codec<number> = { encode: (w, value) => w.u16(value), decode: (r) => r.u16() }
export const u32: Codec<number> = { encode: (w, value) => w.u32(value), decode: (r) => r.u32() }
export const u64: Codec<bigint> = { encode: (w, value) => w.u64(value), decode: (r) => r.u64() }
export const u128: Codec<bigint> = {
  encode: (w, value) => w.uint(value, 16),
  decode: (r) => r.uint(16),
}

/** The bytes up to the end of the surrounding structure. */
export const rest: Codec<Buffer> = {
  encode: (w, value) => w.bytes(value),
  decode: (r) => r.rest(),
}

/** A text of at most `size - 1` bytes in a field of `size` bytes, ended by a zero byte. */
export function text(size: number): Codec<string> {
  return {
    encode(w, value) {
      const bytes = Buffer.from(value, 'latin1')
      if (bytes.length >= size) throw new EncodeError(`'${value}' is longer than ${size - 1} bytes`)
      w.bytes(bytes)
      w.zeros(size - bytes.length)
    },
    decode(r) {
      const bytes = r.bytes(size)
      const end = bytes.indexOf(0)
      return bytes.toString('latin1', 0, end < 0 ? size : end)
    },
  }
}

/** An Ethernet address as `0a:00:00:00:00:01`. */
export const ethernet: Codec<string> = {
  encode(w, value) {
    if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(value))
      throw new EncodeError(`'${value}' is no Ethernet address`)
    w.bytes(Buffer.from(value.replaceAll(':', ''), 'hex'))
  },
  decode: (r) => (r.bytes(6).toString('hex').match(/../g) ?? []).join(':'),
}

/** A number with names; a number without a name stays a number. */
export function named<const N extends string>(
  codec: Codec<number>,
  names: Readonly<Record<N, number>>,
): Codec<N | number> {
  const numbers = new Map<string, number>(Object.entries<number>(names))
  const byNumber = new Map<number, N>()
  for (const name in names) byNumber.set(names[name], name)
  return {
    encode(w, value, version) {
      const number = typeof value === 'number' ? value : numbers.get(value)
      if (number === undefined) throw new EncodeError(`unknown name '${value}'`)
      codec.encode(w, number, version)
    },
    decode(r, version) {
      const number = codec.decode(r, version)
      return byNumber.get(number) ?? number
    },
  }
}

export function pad(size: number): Padding {
  return { kind: 'padding', encode: (w) => w.zeros(size), decode: (r) => r.skip(size) }
}

/** A field that is `value` when it is not given; a decoded value always has it. */
export function optional<T>(codec: Codec<T>, value: T): Optional<T> {
  return {
    kind: 'optional',
    value: codec,
    encode: (w, given, version) => codec.encode(w, given ?? value, version),
    decode: (r, version) => codec.decode(r, version),
  }
}

/** A field on the wire from `first` to `last` only; before and after `otherwise` stands in its place. */
export function versions<T>(first: Version, last: Version, codec: Codec<T>, otherwise = pad(0)): Optional<T> {
  return {
    kind: 'optional',
    value: codec,
    encode(w, given, version) {
      if (version < first || version > last) otherwise.encode(w, undefined, version)
      else if (given !== undefined || isOptional(codec)) codec.encode(w, given as T, version)
      else throw new EncodeError('a field is missing')
    },
    decode(r, version) {
      if (version >= first && version <= last) return codec.decode(r, version)
      otherwise.decode(r, version)
      return undefined
    },
  }
}

/** The same value in another form for each version. */
export function perVersion<T>(choose: (version: Version) => Codec<T>): Codec<T> {
  return {
    encode: (w, value, version) => choose(version).encode(w, value, version),
    decode: (r, version) => choose(version).decode(r, version),
  }
}

function isOptional(codec: Codec<unknown>): boolean {
  return 'kind' in codec && codec.kind === 'optional'
}

/** Fields one after the other, in the order in which they are written down. */
export function struct<const F extends Fields>(fields: F): Codec<StructOf<F>> {
  const entries = Object.entries(fields).map(([name, codec]) => ({ name, codec, needed: !('kind' in codec) }))
  return {
    encode(w, value, version) {
      const record: Readonly<Record<string, unknown>> = value
      for (const { name, codec, needed } of entries) {
        const given = record[name]
        if (given === undefined && needed) throw new EncodeError(`field '${name}' is missing`)
        codec.encode(w, given, version)
      }
    },
    decode(r, version) {
      const record: Record<string, unknown> = {}
      for (const { name, codec } of entries) {
        const value = codec.decode(r, version)
        if (value !== undefined) record[name] = value
      }
      return record as StructOf<F>
    },
  }
}

/** Two structures one after the other that make one value. */
export function join<A extends object, B extends object>(a: Codec<A>, b: Codec<B>): Codec<Flat<A & B>> {
  return {
    encode(w, value, version) {
      a.encode(w, value, version)
      b.encode(w, value, version)
    },
    decode: (r, version) => ({ ...a.decode(r, version), ...b.decode(r, version) }),
  }
}

/** Values up to the end of the surrounding structure. */
export function list<T>(codec: Codec<T>): Codec<readonly T[]> {
  return {
    encode(w, values, version) {
      for (const value of values) codec.encode(w, value, version)
    },
    decode(r, version) {
      const values: T[] = []
      while (r.remaining > 0) {
        const at = r.offset
        values.push(codec.decode(r, version))
        if (r.offset === at) throw new DecodeError('an entry of no length', at)
      }
      return values
    },
  }
}

/**
 * A structure that carries its own length in a 16-bit field `at` bytes from its start; the description holds padding in that place.
 * The structure is padded to `alignment`, and the length includes that padding.
 */
export function sized<T>(codec: Codec<T>, at = 0, alignment = 8): Codec<T> {
  return {
    encode(w, value, version) {
      const start = w.length
      codec.encode(w, value, version)
      w.pad(alignment, start)
      const length = w.length - start
      if (length > 0xffff) throw new EncodeError(`a structure of ${length} bytes is too long`)
      w.patchU16(start + at, length)
    },
    decode(r, version) {
      const start = r.offset
      const length = r.remaining < at + 2 ? 0 : r.buffer.readUInt16BE(start + at)
      if (length < at + 2) throw new DecodeError(`a structure of ${length} bytes is too short`, start)
      return codec.decode(r.window(length), version)
    },
  }
}
