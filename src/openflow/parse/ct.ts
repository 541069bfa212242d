/** Connection tracking. */
import type { Nat } from '../action.js'
import { helpers } from '../words.js'
import type { ActionParser, ActionParsers } from './context.js'
import { fail, type Item, type Piece, parseNumber } from './piece.js'
import { numberOf, optional, properties } from './properties.js'
import { isSubfield, parseSubfield } from './value.js'

/** `address[-address][:port[-port]]`, IPv6 in brackets when ports follow. */
function parseRange(piece: Piece): Pick<Nat, 'address' | 'lastAddress' | 'port' | 'lastPort'> {
  const parts =
    /^(?:\[([^\]]+)\](?:-\[([^\]]+)\])?|([^-:]+)(?:-([^-:]+))?|([^-]+)(?:-([^-]+))?)(?::(\d+)(?:-(\d+))?)?$/.exec(
      piece.text,
    )
  if (parts === null) fail('bad-value', piece, 'is no range')
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
  const number = zone && !isSubfield(zone.value) ? parseNumber(zone.value, 16) : undefined
  return {
    type: 'ct',
    ...optional('commit', found.has('commit') || undefined),
    ...optional('force', found.has('force') || undefined),
    ...optional('zone', zone && (number === undefined ? parseSubfield(zone.value) : number)),
    ...optional('table', numberOf(found, 'table', 8)),
    ...optional('alg', alg && parseAlg(alg.value)),
    ...optional('nat', nat && parseNat(nat)),
    ...optional('exec', exec && context.actions(exec.value)),
  }
}

export const ctParsers: ActionParsers = {
  ct,
  nat: (part) => ({ type: 'nat', ...parseNat(part) }),
}
