import { ProtocolError } from './errors.js'
import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './json-bytes.js'

/**
 * The JSON objects that are whole in a chunk of bytes, and where the one begins that is not; that is the chunk's
 * length when there is none. JSON-RPC 1.0 puts nothing between its texts, so the only sign of an end is the closing
 * brace. Every byte is looked at once.
 * @throws ProtocolError when something else than an object begins
 */
export function splitTexts(chunk: Buffer): { readonly texts: readonly string[]; readonly rest: number } {
  const texts: string[] = []
  const end = chunk.length
  let start = end
  let depth = 0
  let inString = false
  let at = 0
  while (at < end) {
    const byte = chunk[at++] ?? 0
    if (inString) {
      if (byte === QUOTE) inString = false
      else if (byte === BACKSLASH) at++
      else while (at < end && isPlain(chunk[at] ?? 0)) at++
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
        texts.push(chunk.toString('utf8', start, at))
        start = end
      }
    } else if (!isSpace(byte)) {
      throw new ProtocolError(`a message cannot begin with byte 0x${byte.toString(16)}`)
    }
  }
  return { texts, rest: start }
}

/** Whether a byte may stand between the tokens of JSON. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function isPlain(byte: number): boolean {
  return byte !== QUOTE && byte !== BACKSLASH
}
