/** Many changes in one bundle, written as fast as the switch takes them (OpenFlow 1.5.1, §6.9). */
import { EncodeError } from '../bytes.js'
import { Experimenter, experimenterType } from '../messages/kind.js'
import type { Version } from '../version.js'

const addType = 34
const addSubtype13 = 2301
/** Enough for one system call, little enough for a socket's buffer. */
const chunkSize = 0x10000
const longest = 0xffff

interface Range {
  readonly firstXid: number
  readonly firstIndex: number
  count: number
}

/** Wraps messages into BUNDLE_ADD_MESSAGEs, in chunks, and remembers which transaction id was which. */
export class BundleWriter {
  readonly #version: Version
  readonly #bundle: number
  readonly #flags: number
  readonly #headSize: number
  readonly #nextXid: () => number
  readonly #ranges: Range[] = []
  #chunk = Buffer.allocUnsafe(2 * chunkSize)
  #length = 0
  #count = 0

  constructor(version: Version, bundle: number, flags: number, nextXid: () => number) {
    this.#version = version
    this.#bundle = bundle
    this.#flags = flags
    this.#nextXid = nextXid
    this.#headSize = version === 4 ? 24 : 16
  }

  /** Count of messages so far. */
  get count(): number {
    return this.#count
  }

  /**
   * Adds a whole message, whose transaction id is replaced; true when a chunk is full.
   * @throws EncodeError when it is no message of this version, or too long for a bundle
   */
  add(message: Uint8Array): boolean {
    const size = this.#headSize + message.length
    if (message.length < 8 || message[0] !== this.#version || size > longest)
      throw new EncodeError(`message ${this.#count} of the bundle is no message of version ${this.#version}`)
    const xid = this.#remember()
    const chunk = this.#chunk
    let at = this.#length
    chunk.writeUInt32BE(
      this.#version * 0x1000000 + (this.#version === 4 ? experimenterType : addType) * 0x10000 + size,
      at,
    )
    chunk.writeUInt32BE(xid, at + 4)
    at += 8
    if (this.#version === 4) {
      chunk.writeUInt32BE(Experimenter.onf, at)
      chunk.writeUInt32BE(addSubtype13, at + 4)
      at += 8
    }
    chunk.writeUInt32BE(this.#bundle, at)
    chunk.writeUInt32BE(this.#flags, at + 4)
    at += 8
    chunk.set(message, at)
    chunk.writeUInt32BE(xid, at + 4)
    this.#length = at + message.length
    return this.#length >= chunkSize
  }

  /** The chunk; the next one begins. */
  flush(): Buffer {
    const full = this.#chunk.subarray(0, this.#length)
    this.#chunk = Buffer.allocUnsafe(2 * chunkSize)
    this.#length = 0
    return full
  }

  /** Which message had this transaction id, counted from 0; undefined when none had. */
  indexOf(xid: number): number | undefined {
    const range = this.#ranges.find(({ firstXid, count }) => xid >= firstXid && xid < firstXid + count)
    return range === undefined ? undefined : range.firstIndex + xid - range.firstXid
  }

  #remember(): number {
    const xid = this.#nextXid()
    const last = this.#ranges.at(-1)
    if (last !== undefined && last.firstXid + last.count === xid) last.count++
    else this.#ranges.push({ firstXid: xid, firstIndex: this.#count, count: 1 })
    this.#count++
    return xid
  }
}
