/**
 * Bytes in network order: a growing writer and a bounds-checked reader.
 * Every integer of OpenFlow is big endian (OpenFlow 1.5.1, §7).
 */

import { fits } from './integers.js'

/** Bytes that are not what the specification says. `offset` counts from the start of the whole message. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
  readonly code = 'decode-error'
  constructor(
    readonly reason: string,
    readonly offset: number,
    options?: ErrorOptions,
  ) {
    super(`${reason} at byte ${offset}`, options)
  }
}

/** A value that cannot be put on the wire: out of range, or unknown to the negotiated version. */
export class EncodeError extends Error {
  override readonly name = 'EncodeError'
  readonly code = 'encode-error'
  /** Where in a text it was said, in characters from its start; undefined for what was no text. */
  readonly offset: number | undefined
  constructor(message: string, { offset, ...options }: ErrorOptions & { readonly offset?: number } = {}) {
    super(offset === undefined ? message : `${message} at character ${offset}`, options)
    this.offset = offset
  }
}

function tooLarge(value: number | bigint, bits: number): EncodeError {
  return new EncodeError(`${value} does not fit ${bits} bits`)
}

const none = Buffer.alloc(0)

/**
 * Writes into one buffer that doubles when it is full; `patch…` fills in lengths that are known afterwards. A number that
 * is no unsigned integer of its field's size is an {@link EncodeError}, never cut.
 */
export class Writer {
  readonly #capacity: number
  #buffer: Buffer
  #length = 0

  /** @param capacity count of bytes for a start; of all that is taken, when the writer goes on after that */
  constructor(capacity = 256) {
    this.#capacity = capacity
    this.#buffer = Buffer.allocUnsafe(capacity)
  }

  /** The position of the next write. */
  get length(): number {
    return this.#length
  }

  #reserve(size: number): number {
    const at = this.#length
    const end = at + size
    if (end > this.#buffer.length) this.#grow(end)
    this.#length = end
    return at
  }

  #grow(size: number): void {
    const grown = Buffer.allocUnsafe(Math.max(size, this.#buffer.length * 2, this.#capacity))
    this.#buffer.copy(grown, 0, 0, this.#length)
    this.#buffer = grown
  }

  u8(value: number): void {
    if ((value & 0xff) !== value) throw tooLarge(value, 8)
    const at = this.#reserve(1)
    this.#buffer[at] = value
  }

  u16(value: number): void {
    if ((value & 0xffff) !== value) throw tooLarge(value, 16)
    const at = this.#reserve(2)
    this.#buffer[at] = value >>> 8
    this.#buffer[at + 1] = value
  }

  u32(value: number): void {
    if (value >>> 0 !== value) throw tooLarge(value, 32)
    this.#word(this.#reserve(4), value)
  }

  #word(at: number, value: number): void {
    const buffer = this.#buffer
    buffer[at] = value >>> 24
    buffer[at + 1] = value >>> 16
    buffer[at + 2] = value >>> 8
    buffer[at + 3] = value
  }

  u64(value: bigint): void {
    if (!fits(value, 64)) throw tooLarge(value, 64)
    const number = Number(value)
    // Up to 2^53 one conversion does, which is most numbers.
    const exact = number <= Number.MAX_SAFE_INTEGER
    const at = this.#reserve(8)
    this.#word(at, exact ? Math.floor(number / 0x100000000) : Number(value >> 32n))
    this.#word(at + 4, exact ? number >>> 0 : Number(value & 0xffffffffn))
  }

  /** An unsigned integer of `size` bytes (1 to 16), most significant first. */
  uint(value: bigint, size: number): void {
    if (!fits(value, 8 * size)) throw tooLarge(value, 8 * size)
    let end = this.#reserve(size) + size
    let rest = value
    for (let left = size; left > 4; left -= 4) {
      end -= 4
      this.#word(end, Number(rest & 0xffffffffn))
      rest >>= 32n
    }
    for (let last = Number(rest), left = ((size + 3) & 3) + 1; left > 0; left--, last >>>= 8) {
      end--
      this.#buffer[end] = last
    }
  }

  bytes(value: Uint8Array): void {
    const at = this.#reserve(value.length)
    this.#buffer.set(value, at)
  }

  zeros(count: number): void {
    const end = this.#reserve(count) + count
    for (let at = end - count; at < end; at++) this.#buffer[at] = 0
  }

  /** Zeros up to the next multiple of `alignment` bytes, counted from `start`. */
  pad(alignment: number, start = 0): void {
    const rest = (this.#length - start) % alignment
    if (rest !== 0) this.zeros(alignment - rest)
  }

  patchU8(at: number, value: number): void {
    if ((value & 0xff) !== value) throw tooLarge(value, 8)
    this.#buffer[at] = value
  }

  patchU16(at: number, value: number): void {
    if ((value & 0xffff) !== value) throw tooLarge(value, 16)
    this.#buffer[at] = value >>> 8
    this.#buffer[at + 1] = value
  }

  patchU32(at: number, value: number): void {
    if (value >>> 0 !== value) throw tooLarge(value, 32)
    this.#word(at, value)
  }

  /**
   * Makes zeros of the bits that a mask leaves out: of `size` bytes at `at`, by as many bytes that follow them.
   * Answers which bits the mask has.
   */
  mask(at: number, size: number): 'none' | 'some' | 'all' {
    const buffer = this.#buffer
    let every = 0xff
    let any = 0
    for (let i = at; i < at + size; i++) {
      const bits = buffer[i + size] ?? 0
      every &= bits
      any |= bits
      buffer[i] = (buffer[i] ?? 0) & bits
    }
    return any === 0 ? 'none' : every === 0xff ? 'all' : 'some'
  }

  /** Forgets everything after `length` bytes; the buffer is kept for reuse. */
  truncate(length: number): void {
    this.#length = length
  }

  /** The bytes written, one to a character. */
  latin1(): string {
    return this.#buffer.toString('latin1', 0, this.#length)
  }

  /** The bytes written, as a view: valid until the next write. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  /** The bytes from `start` on, now the caller's. The writer goes on behind them, or with new memory when little is left. */
  take(start: number): Buffer {
    const bytes = this.#buffer.subarray(start, this.#length)
    if (this.#length > this.#capacity * 0.75) {
      this.#buffer = none
      this.#length = 0
    }
    return bytes
  }

  /** The bytes written, as a copy of their own. */
  finish(): Buffer {
    return Buffer.from(this.view())
  }
}

/** Reads from a window of a buffer and never past its end: every lack is a {@link DecodeError}. */
export class Reader {
  #at: number

  /**
   * @param buffer the whole message, so that offsets in errors count from its start
   * @param start first byte of the window
   * @param end first byte after the window
   */
  constructor(
    readonly buffer: Buffer,
    start = 0,
    readonly end = buffer.length,
  ) {
    this.#at = start
  }

  get offset(): number {
    return this.#at
  }

  get remaining(): number {
    return this.end - this.#at
  }

  #take(size: number): number {
    const at = this.#at
    if (size < 0 || at + size > this.end)
      throw new DecodeError(`${size} bytes expected, ${this.end - at} left`, at)
    this.#at = at + size
    return at
  }

  u8(): number {
    return this.buffer[this.#take(1)] ?? 0
  }

  u16(): number {
    const at = this.#take(2)
    return ((this.buffer[at] ?? 0) << 8) | (this.buffer[at + 1] ?? 0)
  }

  u32(): number {
    return this.#word(this.#take(4))
  }

  #word(at: number): number {
    const { buffer } = this
    const high = ((buffer[at] ?? 0) << 8) | (buffer[at + 1] ?? 0)
    return high * 0x10000 + (((buffer[at + 2] ?? 0) << 8) | (buffer[at + 3] ?? 0))
  }

  u64(): bigint {
    const at = this.#take(8)
    const high = this.#word(at)
    const low = this.#word(at + 4)
    // Up to 2^53 one conversion does, which is most numbers.
    return high < 0x200000 ? BigInt(high * 0x100000000 + low) : (BigInt(high) << 32n) | BigInt(low)
  }

  /** An unsigned integer of `size` bytes, most significant first. */
  uint(size: number): bigint {
    const at = this.#take(size)
    let value = 0n
    for (let i = 0; i < size; i++) value = (value << 8n) | BigInt(this.buffer[at + i] ?? 0)
    return value
  }

  /** A view of the next `count` bytes. */
  bytes(count: number): Buffer {
    const at = this.#take(count)
    return this.buffer.subarray(at, at + count)
  }

  skip(count: number): void {
    this.#take(count)
  }

  /** Skips padding up to the next multiple of `alignment`, counted from `start`; what the window lacks is not missed. */
  align(alignment: number, start: number): void {
    const rest = (this.#at - start) % alignment
    if (rest !== 0) this.skip(Math.min(alignment - rest, this.remaining))
  }

  /** The next `size` bytes as a reader of their own; this one goes on after them. */
  window(size: number): Reader {
    const at = this.#take(size)
    return new Reader(this.buffer, at, at + size)
  }

  rest(): Buffer {
    return this.bytes(this.remaining)
  }
}
