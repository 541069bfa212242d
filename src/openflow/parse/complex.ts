/** Actions with a list of properties. */
import type { ActionOf, EncapProperty, HashFields, LearnSpec, Nat } from '../action.js'
import { toInteger } from '../actions/bits.js'
import { isMasked } from '../canonical.js'
import { fieldSpec } from '../fields.js'
import { wholeField } from '../subfield.js'
import type { ActionParser, ActionParsers, ParseContext } from './context.js'
import {
  fail,
  type Item,
  item,
  type Piece,
  parseBytes,
  parseInteger,
  parseNumber,
  split,
  splitOnce,
} from './piece.js'
import { arrow } from './simple.js'
import { isSubfield, parsePort, parseSubfield, parseValue } from './value.js'

/** The properties of a call, by name; words alone have an empty value. */
function properties({ value }: Item, known: readonly string[]): ReadonlyMap<string, Item> {
  const found = new Map<string, Item>()
  for (const part of split(value, ',').map(item)) {
    if (!known.includes(part.key.text)) fail('syntax', part.key, 'is unknown here')
    found.set(part.key.text, part)
  }
  return found
}

function numberOf(found: ReadonlyMap<string, Item>, name: string, bits: number): number | undefined {
  const part = found.get(name)
  return part && parseNumber(part.value, bits)
}

function need(part: Item, found: ReadonlyMap<string, Item>, name: string, bits: number): number {
  return numberOf(found, name, bits) ?? fail('missing', part.whole, `needs ${name}`)
}

/** An object with the property, or without it. */
function optional<K extends string, const V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V }
}

const reasons: ReadonlyMap<string, number> = new Map([
  ['no_match', 0],
  ['action', 1],
  ['invalid_ttl', 2],
  ['action_set', 3],
  ['group', 4],
  ['packet_out', 5],
])

const controller: ActionParser = (part) => {
  if (!part.call) {
    const maxLen = part.value.text === '' ? 0xffff : parseNumber(part.value, 16)
    return { type: 'output', port: 0xfffffffd, maxLen }
  }
  const found = properties(part, ['reason', 'max_len', 'id', 'userdata', 'pause', 'meter_id'])
  const reason = found.get('reason')?.value
  const userdata = found.get('userdata')?.value
  const number = reason && (reasons.get(reason.text) ?? fail('bad-value', reason, 'is no reason'))
  return {
    type: 'controller',
    ...optional('maxLen', numberOf(found, 'max_len', 16)),
    ...optional('reason', number),
    ...optional('id', numberOf(found, 'id', 16)),
    ...optional('userdata', userdata && parseBytes(userdata)),
    ...optional('pause', found.has('pause') || undefined),
    ...optional('meterId', numberOf(found, 'meter_id', 32)),
  }
}

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
  return piece.text === 'ftp' ? 21 : piece.text === 'tftp' ? 69 : parseNumber(piece, 16)
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

const learnWords = [
  ['idle_timeout', 'idleTimeout'],
  ['hard_timeout', 'hardTimeout'],
  ['fin_idle_timeout', 'finIdleTimeout'],
  ['fin_hard_timeout', 'finHardTimeout'],
  ['priority', 'priority'],
] as const

function parseLoad(value: Piece): LearnSpec {
  const [from, to] = arrow(value)
  const dst = parseSubfield(to)
  const src = isSubfield(from) ? { field: parseSubfield(from) } : { value: parseInteger(from, dst.bits) }
  return { to: 'load', src, dst }
}

function parseLearned(part: Item, { names }: ParseContext): LearnSpec {
  const { key, value } = part
  if (key.text === 'load') return parseLoad(value)
  if (key.text === 'output') return { to: 'output', src: parseSubfield(value) }
  const named = parseSubfield(key)
  const dst = named.field === 'inPort' ? wholeField('inPort16') : named
  if (value.text === '') return { to: 'match', src: { field: dst }, dst }
  if (isSubfield(value)) return { to: 'match', src: { field: parseSubfield(value) }, dst }
  const spec = fieldSpec(dst.field)
  if (dst.bits !== spec.bits) return { to: 'match', src: { value: parseInteger(value, dst.bits) }, dst }
  const entry = parseValue(spec, value, names)
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
  const numbers = learnWords.map(([name, key]) => optional(key, numberOf(found, name, 16)))
  return {
    type: 'learn',
    table: numberOf(found, 'table', 8) ?? 1,
    ...Object.assign({}, ...numbers),
    ...optional('cookie', cookie && parseInteger(cookie.value, 64)),
    ...optional('sendFlowRem', found.has('send_flow_rem') || undefined),
    ...optional('deleteLearned', found.has('delete_learned') || undefined),
    ...optional('limit', numberOf(found, 'limit', 32)),
    ...optional('resultDst', resultDst && parseSubfield(resultDst.value)),
    specs,
  }
}

const hashFields: readonly HashFields[] = [
  'eth_src',
  'symmetric_l4',
  'symmetric_l3l4',
  'symmetric_l3l4+udp',
  'nw_src',
  'nw_dst',
  'symmetric_l3',
]

function choice<T extends string>(piece: Piece | undefined, choices: readonly T[], whole: Piece): T {
  if (piece === undefined) fail('missing', whole, 'is too short')
  return (
    choices.find((name) => name === piece.text) ??
    fail('bad-value', piece, `is none of ${choices.join(', ')}`)
  )
}

function nth(parts: readonly Piece[], n: number, whole: Piece): Piece {
  return parts[n] ?? fail('missing', whole, 'is too short')
}

const multipath: ActionParser = ({ value, whole }) => {
  const parts = split(value, ',')
  return {
    type: 'multipath',
    fields: choice(parts[0], hashFields, whole),
    basis: parseNumber(nth(parts, 1, whole), 16),
    algorithm: choice(parts[2], ['modulo_n', 'hash_threshold', 'hrw', 'iter_hash'] as const, whole),
    links: parseNumber(nth(parts, 3, whole), 16),
    arg: parseNumber(nth(parts, 4, whole), 32),
    dst: parseSubfield(nth(parts, 5, whole)),
  }
}

const bundle =
  (load: boolean): ActionParser =>
  ({ value, whole }, { names }) => {
    const parts = split(value, ',')
    const first = load ? 5 : 4
    const [head, ...members] = parts.slice(first)
    const colon = head && (splitOnce(head, ':') ?? fail('syntax', head, 'lacks a colon'))
    const all = colon === undefined ? members : [colon[1], ...members]
    return {
      type: 'bundle',
      fields: choice(parts[0], hashFields, whole),
      basis: parseNumber(nth(parts, 1, whole), 16),
      algorithm: choice(parts[2], ['active_backup', 'hrw'] as const, whole),
      members: all.filter(({ text }) => text !== '').map((member) => parsePort(member, names)),
      ...optional('dst', load ? parseSubfield(nth(parts, 4, whole)) : undefined),
    }
  }

const sample: ActionParser = (part, { names }) => {
  const wanted = [
    'probability',
    'collector_set_id',
    'obs_domain_id',
    'obs_point_id',
    'sampling_port',
    'ingress',
    'egress',
  ]
  const found = properties(part, wanted)
  const port = found.get('sampling_port')
  return {
    type: 'sample',
    probability: need(part, found, 'probability', 16),
    collectorSetId: numberOf(found, 'collector_set_id', 32) ?? 0,
    obsDomainId: numberOf(found, 'obs_domain_id', 32) ?? 0,
    obsPointId: numberOf(found, 'obs_point_id', 32) ?? 0,
    ...optional('samplingPort', port && parsePort(port.value, names)),
    ...optional('direction', found.has('ingress') ? 'ingress' : found.has('egress') ? 'egress' : undefined),
  }
}

const finTimeout: ActionParser = (part) => {
  const found = properties(part, ['idle_timeout', 'hard_timeout'])
  return {
    type: 'finTimeout',
    idleTimeout: numberOf(found, 'idle_timeout', 16) ?? 0,
    hardTimeout: numberOf(found, 'hard_timeout', 16) ?? 0,
  }
}

const packetTypes: ReadonlyMap<string, number> = new Map([
  ['ethernet', 0],
  ['nsh', 0x1894f],
  ['mpls', 0x18847],
  ['mpls_mc', 0x18848],
])

function parseEncapProperty({ key, value }: Item): EncapProperty {
  if (key.text === 'md_type') return { type: 'mdType', mdType: parseNumber(value, 8) }
  if (key.text !== 'tlv') fail('syntax', key, 'is no property of a header')
  const parts = split(value, ',')
  const bytes = nth(parts, 2, value)
  const digits = parseInteger(bytes, 992).toString(16)
  return {
    type: 'tlv',
    tlvClass: parseNumber(nth(parts, 0, value), 16),
    tlvType: parseNumber(nth(parts, 1, value), 8),
    value: Buffer.from(digits.padStart(Math.ceil(digits.length / 2) * 2, '0'), 'hex'),
  }
}

const encap: ActionParser = ({ value }) => {
  const { key, value: inside } = item(value)
  const packetType = packetTypes.get(key.text) ?? fail('bad-value', key, 'is no header')
  const list = split(inside, ',').map(item).map(parseEncapProperty)
  return { type: 'encap', packetType, ...optional('properties', list.length > 0 ? list : undefined) }
}

const decap: ActionParser = ({ value }) => {
  if (value.text === '') return { type: 'decap' }
  const inside = item(value)
  const found = properties(inside, ['ns', 'type'])
  return {
    type: 'decap',
    packetType: need(inside, found, 'ns', 16) * 0x10000 + need(inside, found, 'type', 16),
  }
}

export const complexParsers: ActionParsers = {
  controller,
  ct,
  nat: (part): ActionOf<'nat'> => ({ type: 'nat', ...parseNat(part) }),
  learn,
  multipath,
  bundle: bundle(false),
  bundle_load: bundle(true),
  sample,
  fin_timeout: finTimeout,
  encap,
  decap,
}
