/** Actions with a number, a field or nothing. */
import type { Action } from '../action.js'
import { isMasked } from '../entry.js'
import type { FieldName } from '../fields.js'
import { fieldSpec } from '../fields.js'
import { Port } from '../ports.js'
import { splitAddress } from '../value.js'
import { checkField } from './check.js'
import type { ActionParser, ActionParsers } from './context.js'
import {
  arrow,
  cut,
  fail,
  type Item,
  items,
  parseBytes,
  parseDecimal,
  parseInteger,
  parseNumber,
  split,
  splitBefore,
  splitOnce,
} from './piece.js'
import { transportPort } from './place.js'
import {
  findPort,
  isSubfield,
  parseField,
  parseOutput,
  parsePort,
  parseSubfield,
  parseValue,
} from './value.js'

const word =
  (action: Action): ActionParser =>
  () =>
    action

/** Sets a field as older actions do. */
const mod =
  (field: FieldName): ActionParser =>
  ({ value }) => {
    const entry = parseValue(fieldSpec(field), value)
    checkField(fieldSpec(field), entry, value)
    return isMasked(entry)
      ? fail('bad-value', value, 'has a mask')
      : { type: 'setField', field, value: entry }
  }

const modPort =
  (end: 'Src' | 'Dst'): ActionParser =>
  (part, context) => {
    const field = transportPort(end, context.match)
    return field === undefined
      ? fail('missing', part.key, 'needs tcp, udp or sctp')
      : mod(field)(part, context)
  }

/** Changes the tag, after it made one where there is none and the action wants it. */
const modVlan =
  (field: 'vlanVid' | 'vlanPcp', push: boolean): ActionParser =>
  ({ value }, { tagged }) => {
    const number = parseNumber(value, field === 'vlanVid' ? 12 : 3)
    const set: Action = { type: 'setField', field, value: field === 'vlanVid' ? number | 0x1000 : number }
    return push && !tagged ? [{ type: 'pushVlan', ethType: 0x8100 }, set] : set
  }

const setField: ActionParser = ({ value }, { names }) => {
  const [text, name] = arrow(value)
  const spec = parseField(name)
  const parsed = parseValue(spec, text, names)
  checkField(spec, parsed, text)
  if (spec.field === 'nwTos' && typeof parsed === 'number' && (parsed & 3) !== 0)
    fail('bad-value', text, 'has bits of the ECN')
  const entry = typeof parsed === 'string' ? splitAddress(spec, parsed) : parsed
  if (!isMasked(entry)) return { type: 'setField', field: spec.field, value: entry }
  const whole = spec.form === 'ctState' || spec.form === 'tcpFlags' || spec.form === 'tunFlags'
  if (whole && /^[^+-]/.test(text.text) && !text.text.includes('/'))
    return { type: 'setField', field: spec.field, value: entry.value }
  return { type: 'setField', field: spec.field, ...entry }
}

const load: ActionParser = ({ value }) => {
  const [text, name] = arrow(value)
  const dst = parseSubfield(name)
  return { type: 'load', value: parseInteger(text, dst.bits), dst }
}

const output: ActionParser = ({ value, call }, { names }) => {
  if (!call || !value.text.includes('='))
    return isSubfield(value) && findPort(value, names) === undefined
      ? { type: 'outputReg', src: parseSubfield(value), maxLen: 0xffff }
      : { type: 'output', port: parseOutput(value, names) }
  const entries = new Map(items(value).map((part) => [part.key.text, part.value]))
  for (const { key } of items(value))
    if (!/^(port|max_len)$/.test(key.text)) fail('syntax', key, 'is unknown here')
  const [port, maxLen] = [entries.get('port'), entries.get('max_len')]
  if (port === undefined || maxLen === undefined) fail('missing', value, 'needs port and max_len')
  const number = parseOutput(port, names)
  if (number > Port.max && number !== Port.local && number !== Port.inPort)
    fail('bad-value', port, 'takes no shortened packets')
  const length = parseNumber(maxLen, 32)
  if (length < shortest) fail('bad-value', maxLen, `is less than ${shortest}`)
  return { type: 'outputTrunc', port: number, maxLen: length }
}

/** Bytes of an Ethernet header, below which no packet is cut. */
const shortest = 14

const resubmit: ActionParser = ({ value, call }, { names }) => {
  // ovs-ofctl(8) sends the form with a table for both; 255 is "the current one".
  if (!call) {
    const port = parsePort(value, names)
    if (port === Port.inPort) fail('missing', value, 'needs a table')
    return { type: 'resubmit', port, table: 0xff }
  }
  const parts = value.text.split(',')
  const second = cut(
    value,
    (parts[0] ?? '').length + 1,
    (parts[0] ?? '').length + 1 + (parts[1] ?? '').length,
  )
  const first = cut(value, 0, (parts[0] ?? '').length)
  const third = parts[2]?.trim()
  if (third !== undefined && third !== 'ct') fail('syntax', value, 'is no resubmit')
  if (first.text === '' && (second.text === '' || second.text === '255'))
    fail('missing', value, 'needs a port or a table')
  return {
    type: 'resubmit',
    ...(first.text !== '' && { port: parsePort(first, names) }),
    table: second.text === '' ? 0xff : parseDecimal(second, 8),
    ...(third !== undefined && { ct: true }),
  }
}

const enqueue: ActionParser = ({ value }, { names }) => {
  const [port, queue] =
    splitOnce(value, value.text.includes(',') ? ',' : ':') ?? fail('syntax', value, 'lacks a queue')
  return [
    { type: 'setQueue', queue: parseNumber(queue, 32) },
    { type: 'output', port: parsePort(port, names), maxLen: 0xffff },
    { type: 'popQueue' },
  ]
}

const metadata: ActionParser = ({ value }) => {
  const [bits, mask] = splitOnce(value, '/') ?? [value, undefined]
  const parsed = { type: 'writeMetadata', value: parseInteger(bits, 64) } as const
  return mask === undefined ? parsed : { ...parsed, mask: parseInteger(mask, 64) }
}

const checkPktLarger: ActionParser = ({ value: inside, tail: after, call }) => {
  const [value, tail] = call ? [inside, after] : splitBefore(inside, '->')
  if (!tail.text.startsWith('->')) fail('syntax', tail, 'lacks ->')
  const dst = parseSubfield(cut(tail, 2))
  if (dst.bits !== 1) fail('bad-value', cut(tail, 2), 'is more than one bit')
  return { type: 'checkPktLarger', bytes: parseNumber(value, 16), dst }
}

const conjunction: ActionParser = ({ value }) => {
  const [id, rest] = splitOnce(value, ',') ?? fail('syntax', value, 'is no conjunction')
  const [clause, clauses] = splitOnce(rest, '/') ?? fail('syntax', rest, 'lacks /')
  const [which, of] = [parseDecimal(clause, 8), parseDecimal(clauses, 8)]
  if (of < 2 || of > 64) fail('bad-value', clauses, 'is not 2 to 64')
  if (which < 1 || which > of) fail('bad-value', clause, `is not 1 to ${of}`)
  return { type: 'conjunction', id: parseNumber(id, 32), clause: which, clauses: of }
}

/** Bytes of a note fill its last 8 bytes with zeros. */
const note: ActionParser = ({ value }) => {
  const bytes = parseBytes(value)
  const size = Math.ceil((bytes.length + 10) / 8) * 8 - 10
  return { type: 'note', bytes: Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]) }
}

/** EtherTypes of VLAN tags. */
const vlanTypes: ReadonlySet<number> = new Set([0x8100, 0x88a8])

const pushVlan: ActionParser = ({ value }) => {
  const ethType = parseNumber(value, 16)
  return vlanTypes.has(ethType)
    ? { type: 'pushVlan', ethType }
    : fail('bad-value', value, 'is no type of a VLAN tag')
}

const modTos: ActionParser = ({ value }) => {
  const tos = parseNumber(value, 8)
  return (tos & 3) === 0
    ? { type: 'setField', field: 'ipDscp', value: tos >>> 2 }
    : fail('bad-value', value, 'has bits of the ECN')
}

const meter: ActionParser = ({ value }) => {
  const number = parseNumber(value, 32)
  return number > 0 ? { type: 'meter', meter: number } : fail('bad-value', value, 'is no meter')
}

const move: ActionParser = ({ value }) => {
  const [from, to] = arrow(value)
  const [src, dst] = [parseSubfield(from), parseSubfield(to)]
  if (src.bits !== dst.bits) fail('conflict', to, `has ${dst.bits} bits, not ${src.bits}`)
  return { type: 'move', src, dst }
}

const deleteField: ActionParser = ({ value }) => {
  const spec = parseField(value)
  return spec.size === 0
    ? { type: 'deleteField', field: spec.field }
    : fail('bad-value', value, 'is no tunnel option')
}

const number = (part: Item, bits: number): number => parseNumber(part.value, bits)

export const simpleParsers: ActionParsers = {
  output,
  enqueue,
  resubmit,
  group: (part) => ({ type: 'group', group: number(part, 32) }),
  meter,
  set_queue: (part) => ({ type: 'setQueue', queue: number(part, 32) }),
  pop_queue: word({ type: 'popQueue' }),
  set_field: setField,
  load,
  move,
  push: ({ value }) => ({ type: 'push', src: parseSubfield(value) }),
  pop: ({ value }) => ({ type: 'pop', dst: parseSubfield(value) }),
  delete_field: deleteField,
  check_pkt_larger: checkPktLarger,
  mod_dl_src: mod('ethSrc'),
  mod_dl_dst: mod('ethDst'),
  mod_nw_src: mod('ipv4Src'),
  mod_nw_dst: mod('ipv4Dst'),
  mod_nw_ecn: mod('ipEcn'),
  mod_nw_tos: modTos,
  mod_nw_ttl: (part) => ({ type: 'setTtl', ttl: number(part, 8) }),
  mod_tp_src: modPort('Src'),
  mod_tp_dst: modPort('Dst'),
  mod_vlan_vid: modVlan('vlanVid', true),
  mod_vlan_pcp: modVlan('vlanPcp', true),
  set_vlan_vid: modVlan('vlanVid', false),
  set_vlan_pcp: modVlan('vlanPcp', false),
  strip_vlan: word({ type: 'popVlan' }),
  pop_vlan: word({ type: 'popVlan' }),
  push_vlan: pushVlan,
  push_mpls: (part) => ({ type: 'pushMpls', ethType: number(part, 16) }),
  pop_mpls: (part) => ({ type: 'popMpls', ethType: number(part, 16) }),
  dec_mpls_ttl: word({ type: 'decMplsTtl' }),
  set_mpls_ttl: (part) => ({ type: 'setMplsTtl', ttl: number(part, 8) }),
  set_mpls_label: mod('mplsLabel'),
  set_mpls_tc: mod('mplsTc'),
  set_tunnel: mod('tunnelId'),
  set_tunnel64: mod('tunnelId'),
  dec_ttl: ({ value }) =>
    value.text === ''
      ? { type: 'decTtl' }
      : { type: 'decTtl', ids: split(value, ',').map((id) => parseDecimal(id, 16)) },
  dec_nsh_ttl: word({ type: 'decNshTtl' }),
  write_metadata: metadata,
  goto_table: (part) => ({ type: 'gotoTable', table: parseDecimal(part.value, 8) }),
  clear_actions: word({ type: 'clearActions' }),
  write_actions: ({ value }, context) => {
    const actions = context.actions(value)
    return actions.length === 0 ? [] : { type: 'writeActions', actions }
  },
  clone: ({ value }, context) => ({ type: 'clone', actions: context.actions(value) }),
  ct_clear: word({ type: 'ctClear' }),
  conjunction,
  note,
  exit: word({ type: 'exit' }),
  local: word({ type: 'output', port: Port.local }),
}
