import { ProtocolError } from './errors.js'
import { type Json, parseJson } from './json.js'
import { JsonBuilder } from './json-builder.js'
import { splitTexts } from './json-splitter.js'

/**
 * Reads JSON objects from a stream of bytes. Those that are whole in a chunk are parsed by `JSON.parse`; one that
 * spans chunks is built chunk by chunk, so that even the largest never takes long at once.
 */
export class JsonReader {
  #builder: JsonBuilder | undefined
  /** Bytes of the unfinished object. */
  #length = 0

  /** @param maxTextBytes a longer text is a protocol error */
  constructor(private readonly maxTextBytes: number) {}

  /**
   * Takes the next bytes; returns the objects that end in them.
   * @throws ProtocolError when it is not JSON, something else than objects, or too long
   */
  push(chunk: Buffer): Json[] {
    const built = this.#build(chunk)
    if (this.#builder) return []
    const behind = chunk.subarray(built.used)
    const { texts, rest } = splitTexts(behind)
    const messages = texts.map((text) => {
      this.#bound(text.length)
      return parseJson(text)
    })
    if (rest < behind.length) {
      this.#builder = new JsonBuilder()
      this.#build(behind.subarray(rest))
    }
    return built.message === undefined ? messages : [built.message, ...messages]
  }

  /** Goes on with the unfinished object, if there is one. */
  #build(chunk: Buffer): { readonly used: number; readonly message?: Json } {
    const builder = this.#builder
    if (!builder) return { used: 0 }
    const used = builder.push(chunk)
    this.#length += used
    this.#bound(this.#length)
    const { result } = builder
    if (result === undefined) return { used }
    this.#builder = undefined
    this.#length = 0
    return { used, message: result }
  }

  #bound(length: number): void {
    if (length > this.maxTextBytes) {
      throw new ProtocolError(`a message is longer than ${this.maxTextBytes} bytes`)
    }
  }
}
