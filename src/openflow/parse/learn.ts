/** The action that makes flows. */
import type { LearnSpec } from '../action.js'
import { toInteger } from '../actions/bits.js'
import { isMasked } from '../entry.js'
import { fieldSpec } from '../fields.js'
import { type Subfield, wholeField } from '../subfield.js'
import { checkField } from './check.js'
import type { ActionParser, ActionParsers, ParseContext } from './context.js'
import { arrow, fail, type Item, item, type Piece, parseDecimal, parseInteger, split } from './piece.js'
import { decimalOf, optional } from './properties.js'
import { isSubfield, parseSubfield, parseValue } from './value.js'

const learnWords = [
  ['idle_timeout', 'idleTimeout'],
  ['hard_timeout', 'hardTimeout'],
  ['fin_idle_timeout', 'finIdleTimeout'],
  ['fin_hard_timeout', 'finHardTimeout'],
  ['priority', 'priority'],
] as const

/** A part of a field as wide as the other. */
function sameWidth(piece: Piece, { bits }: Subfield): Subfield {
  const part = parseSubfield(piece)
  return part.bits === bits ? part : fail('conflict', piece, `has ${part.bits} bits, not ${bits}`)
}

function parseBit(piece: Piece): Subfield {
  const part = parseSubfield(piece)
  return part.bits === 1 ? part : fail('bad-value', piece, 'is more than one bit')
}

function tableOf(found: ReadonlyMap<string, Item>): number {
  const part = found.get('table')
  const table = part === undefined ? 1 : parseDecimal(part.value, 8)
  return part !== undefined && table === 255 ? fail('bad-value', part.value, 'is no table') : table
}

function parseLoad(value: Piece): LearnSpec {
  const [from, to] = arrow(value)
  const dst = parseSubfield(to)
  const src = isSubfield(from) ? { field: sameWidth(from, dst) } : { value: parseInteger(from, dst.bits) }
  return { to: 'load', src, dst }
}

function parseLearned(part: Item, { names }: ParseContext): LearnSpec {
  const { key, value } = part
  if (key.text === 'load') return parseLoad(value)
  if (key.text === 'output') return { to: 'output', src: parseSubfield(value) }
  const named = parseSubfield(key)
  const dst = named.field === 'inPort' ? wholeField('inPort16') : named
  if (value.text === '') return { to: 'match', src: { field: dst }, dst }
  if (isSubfield(value)) return { to: 'match', src: { field: sameWidth(value, dst) }, dst }
  const spec = fieldSpec(dst.field)
  if (dst.bits !== spec.bits) return { to: 'match', src: { value: parseInteger(value, dst.bits) }, dst }
  const entry = parseValue(spec, value, names)
  checkField(spec, entry, value)
  if (isMasked(entry) && value.text.includes('/')) fail('bad-value', value, 'has a mask')
  const whole = isMasked(entry) ? entry.value : entry
  return { to: 'match', src: { value: toInteger(spec, whole) }, dst }
}

const learn: ActionParser = (part, context) => {
  const found = new Map<string, Item>()
  const specs: LearnSpec[] = []
  const known: readonly string[] = [
    ...learnWords.map(([name]) => name),
    ...['table', 'cookie', 'send_flow_rem', 'delete_learned', 'limit', 'result_dst'],
  ]
  for (const each of split(part.value, ', ').map(item)) {
    if (known.includes(each.key.text)) found.set(each.key.text, each)
    else specs.push(parseLearned(each, context))
  }
  const [cookie, resultDst] = [found.get('cookie'), found.get('result_dst')]
  const numbers = learnWords.map(([name, key]) => optional(key, decimalOf(found, name, 16)))
  return {
    type: 'learn',
    table: tableOf(found),
    ...Object.assign({}, ...numbers),
    ...optional('cookie', cookie && parseInteger(cookie.value, 64)),
    ...optional('sendFlowRem', found.has('send_flow_rem') || undefined),
    ...optional('deleteLearned', found.has('delete_learned') || undefined),
    ...optional('limit', decimalOf(found, 'limit', 32)),
    ...optional('resultDst', resultDst && parseBit(resultDst.value)),
    specs,
  }
}

export const learnParsers: ActionParsers = { learn }
