import { ProtocolError, ValueError } from './errors.js'
import type { Json } from './json-value.js'

export type { Json }

/** Narrows to a JSON object. */
export function isObject(json: Json | undefined): json is { readonly [member: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

/** Narrows to a JSON array. `Array.isArray` alone does not narrow a readonly array. */
export function isArray(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json)
}

// A NUL cannot be in an OVSDB string (RFC 7047 §3.1), so neither mark can be mistaken for data.
const READ_MARK = '\u0000int64'
const WRITE_MARK = '\u0000int64:'
// What no OVSDB string may contain: NUL, and half of a surrogate pair, at which a server ends the connection.
const UNSENDABLE = /[\0\p{Surrogate}]/u
// What may stand before an integer within an object or array, so that digits in strings are mostly passed over.
const MAY_HAVE_LONG_INTEGER = /[\s:[,-]\d{16}/
const LONG_INTEGER = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g

/**
 * Parses the JSON text of an object or array; integers beyond 2^53 become bigint.
 * @throws ProtocolError when it is not JSON
 */
export function parseJson(text: string): Json {
  try {
    const marked = MAY_HAVE_LONG_INTEGER.test(text) ? markLongIntegers(text) : text
    return marked === text ? JSON.parse(text) : JSON.parse(marked, revive)
  } catch (cause) {
    throw new ProtocolError('the peer sent a text that is not JSON', { cause })
  }
}

/**
 * The JSON text of a value; a bigint is written as an integer.
 * @throws ValueError when a string contains U+0000 or half of a surrogate pair, which no OVSDB string may
 */
export function formatJson(json: Json): string {
  let large = false
  const text = JSON.stringify(json, (_key, value: Json) => {
    if (typeof value === 'string' && UNSENDABLE.test(value)) {
      throw new ValueError('a string must not contain U+0000 or half of a surrogate pair')
    }
    if (typeof value !== 'bigint') return value
    large = true
    return WRITE_MARK + value.toString()
  })
  return large ? text.replace(/"\\u0000int64:(-?\d+)"/g, '$1') : text
}

/** Wraps unsafe integers outside of strings into an object that `revive` knows. */
function markLongIntegers(text: string): string {
  const pieces: string[] = []
  let at = 0
  while (at < text.length) {
    const quote = text.indexOf('"', at)
    const open = quote < 0 ? text.length : quote
    pieces.push(text.slice(at, open).replace(LONG_INTEGER, mark))
    at = quote < 0 ? open : endOfString(text, open)
    pieces.push(text.slice(open, at))
  }
  return pieces.join('')
}

function mark(digits: string): string {
  return Number.isSafeInteger(Number(digits)) ? digits : `{"\\u0000int64":"${digits}"}`
}

/** The position after the quote that closes the string opened at `open`. */
function endOfString(text: string, open: number): number {
  let quote = text.indexOf('"', open + 1)
  while (quote >= 0) {
    let backslashes = 0
    while (text[quote - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return quote + 1
    quote = text.indexOf('"', quote + 1)
  }
  return text.length
}

function revive(_key: string, value: Json): Json {
  if (!isObject(value)) return value
  const digits = value[READ_MARK]
  return typeof digits === 'string' ? BigInt(digits) : value
}
