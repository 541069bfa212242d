/** Connection tracking. */
import type { Action, ActionOf, Nat } from '../action.js'
import { splitNat } from '../actions/ct.js'
import { parseIpv4, parseIpv6 } from '../addresses.js'
import { helpers } from '../words.js'
import type { ActionParser, ActionParsers, ParseContext } from './context.js'
import { fail, type Item, item, type Piece, parseDecimal, parseNumber, split } from './piece.js'
import { decimalOf, optional, properties } from './properties.js'
import { isSubfield, parseSubfield } from './value.js'

/** Address as a number that can be compared with others of its family. */
function order(address: string): readonly [family: number, value: bigint] | undefined {
  const ipv4 = parseIpv4(address)
  if (ipv4 !== undefined) return [4, BigInt(ipv4)]
  const words = parseIpv6(address)
  return words && [6, words.reduce((value, word) => (value << 32n) | BigInt(word), 0n)]
}

/** The last address and port are of the same kind as the first, and not before it. */
function checkRange(piece: Piece, parts: RegExpExecArray): void {
  const [first, last] = [parts[1] ?? parts[3] ?? parts[5], parts[2] ?? parts[4] ?? parts[6]]
  const from = order(first ?? '')
  const to = last === undefined ? from : order(last)
  if (from === undefined || to === undefined) fail('bad-value', piece, 'is no range of addresses')
  if (from[0] !== to[0] || from[1] > to[1]) fail('bad-value', piece, 'ends before it begins')
  const [low = 0, high = low] = [parts[7], parts[8]].flatMap((port) =>
    port === undefined ? [] : [Number(port)],
  )
  if (low > 0xffff || high > 0xffff || high < low) fail('bad-value', piece, 'is no range of ports')
}

/** `address[-address][:port[-port]]`, IPv6 in brackets when ports follow. */
function parseRange(piece: Piece): Pick<Nat, 'address' | 'lastAddress' | 'port' | 'lastPort'> {
  const parts =
    /^(?:\[([^\]]+)\](?:-\[([^\]]+)\])?|([^-:]+)(?:-([^-:]+))?|([^-]+)(?:-([^-]+))?)(?::(\d+)(?:-(\d+))?)?$/.exec(
      piece.text,
    )
  if (parts === null) fail('bad-value', piece, 'is no range')
  checkRange(piece, parts)
  const [address, lastAddress] = [parts[1] ?? parts[3] ?? parts[5], parts[2] ?? parts[4] ?? parts[6]]
  return {
    ...optional('address', address),
    ...optional('lastAddress', lastAddress),
    // Port 0 alone says nothing of ports.
    ...optional('port', parts[8] === undefined && !Number(parts[7]) ? undefined : Number(parts[7])),
    ...optional('lastPort', parts[8] === undefined ? undefined : Number(parts[8])),
  }
}

function parseNat(part: Item): Nat {
  const found = properties(part, ['src', 'dst', 'persistent', 'hash', 'random'])
  const range = found.get('src') ?? found.get('dst')
  const [dst, flag] = [
    found.get('dst'),
    ['persistent', 'hash', 'random'].map((name) => found.get(name)).find(Boolean),
  ]
  if (dst !== undefined && dst !== range) fail('conflict', dst.key, 'cannot stand beside src')
  if (flag !== undefined && range === undefined) fail('missing', flag.key, 'needs src or dst')
  const random = found.get('random')
  if (random !== undefined && found.has('hash')) fail('conflict', random.key, 'cannot stand beside hash')
  return {
    ...optional('kind', range && (found.has('src') ? 'src' : 'dst')),
    ...(range !== undefined && range.value.text !== '' && parseRange(range.value)),
    ...optional('persistent', found.has('persistent') || undefined),
    ...optional('hash', found.has('hash') || undefined),
    ...optional('random', found.has('random') || undefined),
  }
}

function parseAlg(piece: Piece): number {
  return helpers.number(piece.text) ?? parseNumber(piece, 16)
}

/** What is done to the connection, in the order in which it is said; a translation that comes first stands apart. */
function nested({ value }: Item, context: ParseContext): Pick<ActionOf<'ct'>, 'nat' | 'exec'> {
  const actions = split(value, ',')
    .map(item)
    .flatMap((each): readonly Action[] => {
      if (each.key.text === 'nat') return [{ type: 'nat', ...parseNat(each) }]
      return each.key.text === 'exec' ? context.actions(each.value, true) : []
    })
  return splitNat(actions)
}

const ct: ActionParser = (part, context) => {
  const found = properties(part, ['commit', 'force', 'table', 'zone', 'alg', 'nat', 'exec'])
  const [zone, alg] = ['zone', 'alg'].map((name) => found.get(name))
  const force = found.get('force')
  if (force !== undefined && !found.has('commit')) fail('missing', force.key, 'needs commit')
  const table = found.get('table')
  if (table !== undefined && parseDecimal(table.value, 8) === 255)
    fail('bad-value', table.value, 'is no table')
  const number = zone && !isSubfield(zone.value) ? parseNumber(zone.value, 16) : undefined
  return {
    type: 'ct',
    ...optional('commit', found.has('commit') || undefined),
    ...optional('force', found.has('force') || undefined),
    ...optional('zone', zone && (number === undefined ? parseSubfield(zone.value) : number)),
    ...optional('table', decimalOf(found, 'table', 8)),
    ...optional('alg', alg && parseAlg(alg.value)),
    ...nested(part, context),
  }
}

export const ctParsers: ActionParsers = {
  ct,
  nat: (part) => ({ type: 'nat', ...parseNat(part) }),
}
