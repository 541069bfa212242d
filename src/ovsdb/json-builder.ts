import { ProtocolError } from './errors.js'
import { isArray, type Json, parseJson } from './json.js'
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from './json-bytes.js'
import { isSpace } from './json-splitter.js'

/**
 * Containers down to this depth are filled member by member. The members of the innermost are parsed one by one: they
 * are the rows, in the reply to a monitor (`result`, table, uuid) and in all that has an array around its tables.
 */
const shallow = { plain: 3, inArray: 4 } as const

/** A container that is being filled. `key` is that of the member to come. */
type Frame =
  | { readonly kind: 'object'; readonly members: { [member: string]: Json }; key: string }
  | { readonly kind: 'array'; readonly members: Json[] }

/** What may come next; `first` is a member, or the end of a container that is still empty. */
type Expected = 'first' | 'key' | 'colon' | 'value' | 'comma'

/**
 * Parses one JSON object that comes in chunks, as they come, so that no text is parsed in one go that is larger than a
 * row. A `push` takes time in proportion to its chunk.
 */
export class JsonBuilder {
  readonly #stack: Frame[] = []
  #expected: Expected = 'value'
  #result: Json | undefined
  /** The key or value whose end is being looked for: its bytes of earlier chunks, and where its end can be. */
  #token: Buffer[] | undefined
  #depth = 0
  #inString = false
  #escaped = false

  /** The object; undefined until its end was pushed. */
  get result(): Json | undefined {
    return this.#result
  }

  /**
   * Takes the next bytes, the first of all being the opening brace.
   * @returns how many of them belong to the object
   * @throws ProtocolError when it is not JSON
   */
  push(chunk: Buffer): number {
    let at = 0
    while (at < chunk.length && this.#result === undefined) {
      if (this.#token) {
        at = this.#scan(this.#token, chunk, at)
        continue
      }
      const run = this.#run(chunk, at)
      if (run > at) {
        at = run
        continue
      }
      const byte = chunk[at] ?? 0
      if (isSpace(byte) || this.#mark(byte)) at++
      else this.#token = []
    }
    return at
  }

  /**
   * Parses all members of an innermost container that are whole in the chunk in one go; returns the position behind
   * them. What is left of a member that goes on in the next chunk is taken byte by byte.
   */
  #run(chunk: Buffer, start: number): number {
    const top = this.#stack.at(-1)
    if (
      !top ||
      this.#stack.length < this.#shallow ||
      !(this.#expected === 'first' || this.#expected === 'key')
    )
      return start
    const { end, closed } = lastMember(chunk, start)
    const text = chunk.toString('utf8', start, end)
    if (text.trim() === '') return start
    if (top.kind === 'object') {
      for (const [key, value] of Object.entries(parseJson(`{${text}}`) ?? {})) {
        top.key = key
        this.#put(value)
      }
    } else {
      const values = parseJson(`[${text}]`)
      for (const value of isArray(values) ? values : []) this.#put(value)
    }
    this.#expected = closed ? 'comma' : 'key'
    if (!closed && top.kind === 'array') this.#expected = 'value'
    return closed ? end : end + 1
  }

  get #shallow(): number {
    return shallow[this.#stack[1]?.kind === 'array' ? 'inArray' : 'plain']
  }

  /** Takes a byte that is no part of a key or value; false when it begins one. */
  #mark(byte: number): boolean {
    const top = this.#stack.at(-1)
    if (this.#expected === 'colon') {
      if (byte !== COLON) throw new ProtocolError('a member has no colon')
      this.#expected = 'value'
      return true
    }
    if (this.#expected === 'comma' && byte === COMMA) {
      this.#expected = top?.kind === 'object' ? 'key' : 'value'
      return true
    }
    const closes = this.#expected === 'comma' || this.#expected === 'first'
    if (closes && byte === (top?.kind === 'object' ? CLOSE_BRACE : CLOSE_BRACKET)) {
      this.#stack.pop()
      this.#expected = 'comma'
      if (top && this.#stack.length === 0) this.#result = top.members
      return true
    }
    if (this.#expected === 'comma') throw new ProtocolError('there is no comma between two values')
    if (this.#expected === 'first') this.#expected = top?.kind === 'object' ? 'key' : 'value'
    if (this.#expected === 'key') {
      if (byte !== QUOTE) throw new ProtocolError('a member has no name')
      return false
    }
    return this.#stack.length < this.#shallow && this.#open(byte)
  }

  #open(byte: number): boolean {
    if (byte !== OPEN_BRACE && byte !== OPEN_BRACKET) return false
    const frame: Frame =
      byte === OPEN_BRACE ? { kind: 'object', members: {}, key: '' } : { kind: 'array', members: [] }
    if (this.#stack.length > 0) this.#put(frame.members)
    this.#stack.push(frame)
    this.#expected = 'first'
    return true
  }

  /** Looks for the end of the token; returns the position behind what belongs to it. */
  #scan(token: Buffer[], chunk: Buffer, start: number): number {
    const end = chunk.length
    let depth = this.#depth
    let inString = this.#inString
    let at = start
    if (this.#escaped) {
      this.#escaped = false
      at++
    }
    while (at < end) {
      const byte = chunk[at++] ?? 0
      if (inString) {
        if (byte === BACKSLASH) {
          this.#escaped = at === end
          at++
        } else if (byte === QUOTE) {
          inString = false
          if (depth === 0) return this.#finish(token, chunk, start, at)
        }
      } else if (byte === QUOTE) inString = true
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (depth === 0) return this.#finish(token, chunk, start, at - 1)
        if (--depth === 0) return this.#finish(token, chunk, start, at)
      } else if (depth === 0 && (byte === COMMA || byte === COLON || isSpace(byte))) {
        return this.#finish(token, chunk, start, at - 1)
      }
    }
    this.#depth = depth
    this.#inString = inString
    token.push(chunk.subarray(start))
    return end
  }

  #finish(token: Buffer[], chunk: Buffer, start: number, end: number): number {
    const text =
      token.length === 0
        ? chunk.toString('utf8', start, end)
        : Buffer.concat([...token, chunk.subarray(start, end)]).toString()
    this.#token = undefined
    this.#depth = 0
    this.#inString = false
    const top = this.#stack.at(-1)
    if (this.#expected === 'key' && top?.kind === 'object') {
      top.key = parseKey(text)
      this.#expected = 'colon'
    } else {
      this.#put(parseValue(text))
      this.#expected = 'comma'
    }
    return end
  }

  #put(value: Json): void {
    const top = this.#stack.at(-1)
    if (top?.kind === 'array') top.members.push(value)
    else if (top?.key === '__proto__') {
      // A plain assignment would be taken for something else.
      Object.defineProperty(top.members, top.key, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      })
    } else if (top) top.members[top.key] = value
  }
}

/** Where the last member that is whole ends: at a comma, or at the end of the container. */
function lastMember(chunk: Buffer, start: number): { readonly end: number; readonly closed: boolean } {
  let comma = start
  let depth = 0
  let inString = false
  for (let at = start; at < chunk.length; at++) {
    const byte = chunk[at] ?? 0
    if (inString) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) return { end: at, closed: true }
      depth--
    } else if (byte === COMMA && depth === 0) comma = at
  }
  return { end: comma, closed: false }
}

/** A member's name from its text, quotes included: nearly all names are their own text. */
function parseKey(text: string): string {
  return /^"[\w-]*"$/.test(text) ? text.slice(1, -1) : String(parseValue(text))
}

/** As `parseJson`, but any value: that looks for long integers only within something. */
function parseValue(text: string): Json {
  if (!/^[-\d]/.test(text)) return parseJson(text)
  const array = parseJson(`[${text}]`)
  const [value] = isArray(array) ? array : []
  if (value === undefined) throw new ProtocolError('a value is missing')
  return value
}
