/**
 * Bytes in network order: a growing writer and a bounds-checked reader.
 * Every integer of OpenFlow is big endian (OpenFlow 1.5.1, §7).
 */

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
}

function tooLarge(value: number | bigint, bits: number): EncodeError {
  return new EncodeError(`${value} does not fit ${bits} bits`)
}

/**
 * Writes into one buffer that doubles when it is full; `patch…` fills in lengths that are known afterwards. A number that
 * is no unsigned integer of its field's size is an {@link EncodeError}, never cut.
 */
export class Writer {
  #buffer: Buffer
  #length = 0

  constructor(capacity = 256) {
    this.#buffer = Buffer.allocUnsafe(capacity)
  }

  /** Count of bytes written so far: the position of the next write. */
  get length(): number {
    return this.#length
  }

  #reserve(size: number): number {
    const at = this.#length
    const end = at + size
    if (end > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(end, this.#buffer.length * 2))
      this.#buffer.copy(grown, 0, 0, at)
      this.#buffer = grown
    }
    this.#length = end
    return at
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
    const at = this.#reserve(4)
    this.#buffer[at] = value >>> 24
    this.#buffer[at + 1] = value >>> 16
    this.#buffer[at + 2] = value >>> 8
    this.#buffer[at + 3] = value
  }

  u64(value: bigint): void {
    if (BigInt.asUintN(64, value) !== value) throw tooLarge(value, 64)
    const at = this.#reserve(8)
    this.#buffer.writeBigUInt64BE(value, at)
  }

  /** An unsigned integer of `size` bytes (1 to 16), most significant first. */
  uint(value: bigint, size: number): void {
    if (BigInt.asUintN(8 * size, value) !== value) throw tooLarge(value, 8 * size)
    const at = this.#reserve(size)
    let rest = value
    for (let i = size - 1; i >= 0; i--) {
      this.#buffer[at + i] = Number(rest & 0xffn)
      rest >>= 8n
    }
  }

  bytes(value: Uint8Array): void {
    const at = this.#reserve(value.length)
    this.#buffer.set(value, at)
  }

  zeros(count: number): void {
    const at = this.#reserve(count)
    this.#buffer.fill(0, at, at + count)
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
    this.#buffer.writeUInt16BE(value, at)
  }

  patchU32(at: number, value: number): void {
    if (value >>> 0 !== value) throw tooLarge(value, 32)
    this.#buffer.writeUInt32BE(value, at)
  }

  /** Forgets everything after `length` bytes; the buffer is kept for reuse. */
  truncate(length: number): void {
    this.#length = length
  }

  /** The bytes written, as a view: valid until the next write. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.#length)
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
    return this.buffer.readUInt8(this.#take(1))
  }

  u16(): number {
    return this.buffer.readUInt16BE(this.#take(2))
  }

  u32(): number {
    return this.buffer.readUInt32BE(this.#take(4))
  }

  u64(): bigint {
    return this.buffer.readBigUInt64BE(this.#take(8))
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
