/** Cuts a stream of bytes into whole messages (OpenFlow 1.5.1, §7.1.1: each begins with its length, at most 65,535 bytes). */
import { DecodeError } from './bytes.js'

const headerSize = 8

/**
 * Takes chunks as they come and gives whole messages as views of them. A message in one chunk is not copied;
 * one over several chunks is put together once, when its last byte is there.
 */
export class Framer {
  /** Chunks of the incomplete message, their total size, and how much is needed to go on. */
  #chunks: Buffer[] = []
  #size = 0
  #needed = headerSize

  /** Bytes that wait for the rest of their message. */
  get pending(): number {
    return this.#size
  }

  /**
   * Whole messages that end in this chunk, in order.
   * @throws DecodeError when a length is smaller than a header: the stream is lost
   */
  *push(chunk: Buffer): Generator<Buffer> {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    if (this.#size < this.#needed) return
    const first = this.#chunks[0]
    const bytes =
      this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks, this.#size)
    let at = 0
    let needed = headerSize
    while (bytes.length - at >= headerSize) {
      const length = bytes.readUInt16BE(at + 2)
      if (length < headerSize) throw new DecodeError(`a message of ${length} bytes is too short`, at)
      if (bytes.length - at < length) {
        needed = length
        break
      }
      yield bytes.subarray(at, at + length)
      at += length
    }
    const left = bytes.subarray(at)
    this.#chunks = left.length === 0 ? [] : [left]
    this.#size = left.length
    this.#needed = needed
  }
}
