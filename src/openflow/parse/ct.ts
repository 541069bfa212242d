/** Connection tracking. */
import type { Nat } from '../action.js'
import { parseIpv4, parseIpv6 } from '../addresses.js'
import { helpers } from '../words.js'
import type { ActionParser, ActionParsers } from './context.js'
import { fail, type Item, type Piece, parseNumber } from './piece.js'
import { numberOf, optional, properties } from './properties.js'
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
    ...optional('port', parts[7] === undefined ? undefined : Number(parts[7])),
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

const ct: ActionParser = (part, context) => {
  const found = properties(part, ['commit', 'force', 'table', 'zone', 'alg', 'nat', 'exec'])
  const [zone, nat, exec, alg] = ['zone', 'nat', 'exec', 'alg'].map((name) => found.get(name))
  const force = found.get('force')
  if (force !== undefined && !found.has('commit')) fail('missing', force.key, 'needs commit')
  const table = found.get('table')
  if (table?.value.text === '255') fail('bad-value', table.value, 'is no table')
  const number = zone && !isSubfield(zone.value) ? parseNumber(zone.value, 16) : undefined
  return {
    type: 'ct',
    ...optional('commit', found.has('commit') || undefined),
    ...optional('force', found.has('force') || undefined),
    ...optional('zone', zone && (number === undefined ? parseSubfield(zone.value) : number)),
    ...optional('table', numberOf(found, 'table', 8)),
    ...optional('alg', alg && parseAlg(alg.value)),
    ...optional('nat', nat && parseNat(nat)),
    ...optional('exec', exec && context.actions(exec.value, true)),
  }
}

export const ctParsers: ActionParsers = {
  ct,
  nat: (part) => ({ type: 'nat', ...parseNat(part) }),
}
