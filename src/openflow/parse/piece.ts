/** Pieces of a text that remember where they stand, so that errors can say it. */

export type ParseErrorCode =
  | 'syntax'
  | 'unknown-field'
  | 'unknown-action'
  | 'unknown-port'
  | 'bad-value'
  | 'missing'
  | 'conflict'

/** A text that is no flow, match or action. `offset` counts characters from the start of the whole text. */
export class ParseError extends Error {
  override readonly name = 'ParseError'
  constructor(
    readonly code: ParseErrorCode,
    readonly reason: string,
    readonly offset: number,
    options?: ErrorOptions,
  ) {
    super(`${reason} at character ${offset}`, options)
  }
}

export interface Piece {
  readonly text: string
  /** Place of its first character in the whole text. */
  readonly at: number
}

export function fail(code: ParseErrorCode, { text, at }: Piece, why: string): never {
  throw new ParseError(code, `"${text}" ${why}`, at)
}

/** The part from `start` up to `end`, without blanks around it. */
export function cut({ text, at }: Piece, start: number, end = text.length): Piece {
  let from = start
  let to = end
  while (from < to && text.charCodeAt(from) <= 32) from++
  while (to > from && text.charCodeAt(to - 1) <= 32) to--
  return { text: text.slice(from, to), at: at + from }
}

/** What stands before and after the first `mark`; undefined without it. */
export function splitOnce(piece: Piece, mark: string): readonly [Piece, Piece] | undefined {
  const i = piece.text.indexOf(mark)
  return i < 0 ? undefined : [cut(piece, 0, i), cut(piece, i + mark.length)]
}

/** What stands before the `mark`, and it with what follows. */
export function splitBefore(piece: Piece, mark: string): readonly [Piece, Piece] {
  const i = piece.text.indexOf(mark)
  return i < 0 ? [piece, cut(piece, piece.text.length)] : [cut(piece, 0, i), cut(piece, i)]
}

/** `a->b` */
export function arrow(piece: Piece): readonly [Piece, Piece] {
  return splitOnce(piece, '->') ?? fail('syntax', piece, 'lacks ->')
}

/** Parts between separators; parentheses, brackets and quotes keep theirs. */
export function split(piece: Piece, separators: string): Piece[] {
  const parts: Piece[] = []
  const { text } = piece
  let depth = 0
  let quoted = false
  let start = 0
  const add = (end: number): void => {
    const part = cut(piece, start, end)
    if (part.text !== '') parts.push(part)
    start = end + 1
  }
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i)
    if (char === '"') quoted = !quoted
    else if (quoted) continue
    else if (char === '(' || char === '[') depth++
    else if (char === ')' || char === ']') depth--
    else if (depth === 0 && separators.includes(char)) add(i)
    if (depth < 0) fail('syntax', cut(piece, i), 'closes what is not open')
  }
  if (depth > 0 || quoted) fail('syntax', piece, 'leaves something open')
  add(text.length)
  return parts
}

/** A word and what follows it: `key`, `key=value`, `key:value` or `key(value)tail`. */
export interface Item {
  readonly whole: Piece
  readonly key: Piece
  /** Empty for a word alone. */
  readonly value: Piece
  readonly call: boolean
  /** After the closing parenthesis. */
  readonly tail: Piece
}

function closing({ text }: Piece, open: number): number {
  let depth = 0
  for (let i = open; i < text.length; i++) {
    if (text.charAt(i) === '(') depth++
    else if (text.charAt(i) === ')' && --depth === 0) return i
  }
  return text.length
}

/** Takes a part apart at its first `=`, `:` or `(`. */
export function item(whole: Piece): Item {
  const i = whole.text.search(/[=:(]/)
  if (i < 0)
    return {
      whole,
      key: whole,
      value: cut(whole, whole.text.length),
      call: false,
      tail: cut(whole, whole.text.length),
    }
  const key = cut(whole, 0, i)
  if (whole.text.charAt(i) !== '(')
    return { whole, key, value: cut(whole, i + 1), call: false, tail: cut(whole, whole.text.length) }
  const close = closing(whole, i)
  return { whole, key, value: cut(whole, i + 1, close), call: true, tail: cut(whole, close + 1) }
}

/** The items of a list. */
export function items(piece: Piece): Item[] {
  return split(piece, ', \t\r\n').map(item)
}

/** A whole number in decimal digits only, leading zeros or not. */
export function parseDecimal(piece: Piece, bits: number): number {
  if (!/^\d+$/.test(piece.text)) fail('bad-value', piece, 'is no number')
  const value = BigInt(piece.text)
  return value >> BigInt(bits) === 0n
    ? Number(value)
    : fail('bad-value', piece, `needs more than ${bits} bits`)
}

/** Decimal, with 0x, or octal with a leading zero as C reads it. */
function readInteger(text: string): bigint | undefined {
  if (/^0[0-7]+$/.test(text)) return BigInt(`0o${text.slice(1)}`)
  return /^([1-9]\d*|0|0[xX][0-9a-fA-F]+)$/.test(text) ? BigInt(text) : undefined
}

/**
 * A whole number of at most so many bits: decimal, with 0x, or octal with a leading zero. Below zero it is counted from
 * the end of 64 bits, where there are as many.
 */
export function parseInteger(piece: Piece, bits: number): bigint {
  const negative = bits >= 64 && piece.text.startsWith('-')
  const number = readInteger(piece.text.replace(negative ? '-' : /^\+/, ''))
  if (number === undefined) fail('bad-value', piece, 'is no number')
  const value = negative ? BigInt.asUintN(64, -number) : number
  if (value >> BigInt(bits) !== 0n) fail('bad-value', piece, `needs more than ${bits} bits`)
  return value
}

export function parseNumber(piece: Piece, bits: number): number {
  return Number(parseInteger(piece, bits))
}

/** Bytes as `00.11.22` or `001122`. */
export function parseBytes(piece: Piece): Uint8Array {
  const digits = piece.text.replaceAll('.', '')
  if (
    digits.length % 2 !== 0 ||
    /(^|\.)([^.]{2})*[^.](\.|$)/.test(piece.text) ||
    !/^[0-9a-fA-F]*$/.test(digits)
  )
    fail('bad-value', piece, 'is no sequence of bytes')
  return Buffer.from(digits, 'hex')
}
