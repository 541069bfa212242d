import { ProtocolError } from './errors.js'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/**
 * Cuts a stream of bytes into JSON objects. JSON-RPC 1.0 puts nothing between its texts, so the only sign of an end
 * is the closing brace. Every byte is looked at once, whatever the size of the chunks.
 */
export class JsonSplitter {
  #pieces: Buffer[] = []
  /** Bytes of the unfinished text in `#pieces`. */
  #held = 0
  #depth = 0
  #inString = false
  #escaped = false

  /** @param maxTextBytes a longer text is a protocol error */
  constructor(private readonly maxTextBytes: number) {}

  /**
   * Takes the next bytes; returns the texts that end in them.
   * @throws ProtocolError when something else than an object begins, or when a text is too long
   */
  push(chunk: Buffer): string[] {
    const texts: string[] = []
    const end = chunk.length
    let start = 0
    let depth = this.#depth
    let inString = this.#inString
    let at = 0
    if (this.#escaped && end > 0) {
      this.#escaped = false
      at = 1
    }
    while (at < end) {
      const byte = chunk[at++] ?? 0
      if (inString) {
        if (byte === QUOTE) inString = false
        else if (byte === BACKSLASH) {
          if (at === end) this.#escaped = true
          at++
        } else while (at < end && isPlain(chunk[at] ?? 0)) at++
        continue
      }
      // Digits, commas and colons, by far the most common here, are all below the brackets.
      if (byte < OPEN_BRACKET && byte !== QUOTE && depth > 0) continue
      if (byte === QUOTE && depth > 0) {
        inString = true
      } else if (byte === OPEN_BRACE || (byte === OPEN_BRACKET && depth > 0)) {
        if (depth++ === 0) start = at - 1
      } else if (depth > 0) {
        if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) {
          texts.push(this.#finish(chunk.subarray(start, at)))
        }
      } else if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        throw new ProtocolError(`a message cannot begin with byte 0x${byte.toString(16)}`)
      }
    }
    if (depth > 0) this.#hold(chunk.subarray(start))
    this.#depth = depth
    this.#inString = inString
    return texts
  }

  #hold(piece: Buffer): void {
    this.#held += piece.length
    if (this.#held > this.maxTextBytes) {
      throw new ProtocolError(`a message is longer than ${this.maxTextBytes} bytes`)
    }
    this.#pieces.push(piece)
  }

  #finish(last: Buffer): string {
    this.#hold(last)
    const text =
      this.#pieces.length === 1 ? last.toString() : Buffer.concat(this.#pieces, this.#held).toString()
    this.#pieces = []
    this.#held = 0
    return text
  }
}

function isPlain(byte: number): boolean {
  return byte !== QUOTE && byte !== BACKSLASH
}
