/** Actions few flows use, and the controller's. */
import type { EncapProperty } from '../action.js'
import { Port } from '../ports.js'
import type { Subfield } from '../subfield.js'
import { encapHeaders, hashFields, packetInReasons } from '../words.js'
import type { ActionParser, ActionParsers } from './context.js'
import {
  fail,
  type Item,
  item,
  type Piece,
  parseBytes,
  parseDecimal,
  parseInteger,
  parseNumber,
  split,
  splitOnce,
} from './piece.js'
import { choice, need, nth, numberOf, optional, properties } from './properties.js'
import { parsePort, parseSubfield } from './value.js'

/** OFPR_ACTION */
const sentByAction = 1

const controller: ActionParser = (part) => {
  if (!part.call) {
    const maxLen = part.value.text === '' ? 0xffff : parseNumber(part.value, 16)
    return { type: 'output', port: Port.controller, maxLen }
  }
  const found = properties(part, ['reason', 'max_len', 'id', 'userdata', 'pause', 'meter_id'])
  const reason = found.get('reason')?.value
  const userdata = found.get('userdata')?.value
  const meterId = numberOf(found, 'meter_id', 32)
  const maxLen = numberOf(found, 'max_len', 16)
  const number = reason && (packetInReasons.number(reason.text) ?? fail('bad-value', reason, 'is no reason'))
  const id = numberOf(found, 'id', 16)
  // What says nothing but a length is the standard's action.
  if (
    userdata === undefined &&
    !found.has('pause') &&
    !meterId &&
    !id &&
    (number ?? sentByAction) === sentByAction
  )
    return { type: 'output', port: Port.controller, maxLen: maxLen ?? 0xffff }
  return {
    type: 'controller',
    ...optional('maxLen', maxLen),
    ...optional('reason', number),
    ...optional('id', id),
    ...optional('userdata', userdata && userdata.text !== '' ? parseBytes(userdata) : undefined),
    ...optional('pause', found.has('pause') || undefined),
    ...optional('meterId', meterId || undefined),
  }
}

/** As many links as the bits can tell apart, at least one. */
function parseLinks(piece: Piece, { bits }: Subfield): number {
  const links = parseDecimal(piece, 17)
  const most = Math.min(0x10000, 2 ** bits)
  return links >= 1 && links <= most ? links : fail('bad-value', piece, `is not 1 to ${most}`)
}

const multipath: ActionParser = ({ value, whole }) => {
  const parts = split(value, ',')
  const dst = parseSubfield(nth(parts, 5, whole))
  return {
    type: 'multipath',
    fields: choice(parts[0], hashFields, whole),
    basis: parseDecimal(nth(parts, 1, whole), 16),
    algorithm: choice(parts[2], ['modulo_n', 'hash_threshold', 'hrw', 'iter_hash'] as const, whole),
    links: parseLinks(nth(parts, 3, whole), dst),
    arg: parseDecimal(nth(parts, 4, whole), 32),
    dst,
  }
}

const bundle =
  (load: boolean): ActionParser =>
  ({ value, whole }, { names }) => {
    const parts = split(value, ',')
    const first = load ? 5 : 4
    const [head, ...members] = parts.slice(first)
    const [word, port] = head === undefined ? [] : (splitOnce(head, ':') ?? [])
    if (word === undefined || port === undefined || !/^(members|slaves)$/.test(word.text))
      fail('syntax', head ?? whole, 'lacks members:')
    choice(parts[3], ['ofport'], whole)
    const all = [port, ...members]
    return {
      type: 'bundle',
      fields: choice(parts[0], hashFields, whole),
      basis: parseDecimal(nth(parts, 1, whole), 16),
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
    probability: need(part, found, 'probability', 16) || fail('bad-value', part.value, 'has no probability'),
    collectorSetId: numberOf(found, 'collector_set_id', 32) ?? 0,
    obsDomainId: numberOf(found, 'obs_domain_id', 32) ?? 0,
    obsPointId: numberOf(found, 'obs_point_id', 32) ?? 0,
    ...optional('samplingPort', port && parsePort(port.value, names)),
    ...optional(
      'direction',
      [...found.keys()].findLast((key) => key === 'ingress' || key === 'egress'),
    ),
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

function parseEncapProperty({ key, value }: Item): EncapProperty {
  if (key.text === 'md_type') return { type: 'mdType', mdType: Number(choice(value, ['1', '2'], value)) }
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
  const packetType = encapHeaders.number(key.text) ?? fail('bad-value', key, 'is no header')
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

export const specialParsers: ActionParsers = {
  controller,
  multipath,
  bundle: bundle(false),
  bundle_load: bundle(true),
  sample,
  fin_timeout: finTimeout,
  encap,
  decap,
}
