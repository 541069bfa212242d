/** Actions as `ovs-ofctl dump-flows` writes them. */
import type { Action, ActionOf, ActionType, EncapProperty, LearnSource, LearnSpec, Nat } from '../action.js'
import { fromInteger } from '../actions/bits.js'
import { fieldSpec } from '../fields.js'
import { formatPort, Port } from '../ports.js'
import type { Subfield } from '../subfield.js'
import { encapHeaders, helpers, packetInReasons } from '../words.js'
import { formatBytes, formatSubfield, formatValue, hex } from './value.js'

type Formatter<T extends ActionType> = (action: ActionOf<T>) => string

const sharpHex = (value: number | bigint): string => (value === 0 || value === 0n ? '0' : hex(value))
const word = (text: string) => (): string => text
const ethType = (type: number): string => `0x${type.toString(16).padStart(4, '0')}`

/** The parts that are there, in parentheses. */
function call(name: string, ...parts: readonly (string | false | undefined)[]): string {
  return `${name}(${parts.filter((part) => part !== undefined && part !== false && part !== '').join(',')})`
}

function entry(name: string, value: number | string | undefined): string | undefined {
  return value === undefined ? undefined : `${name}=${value}`
}

function formatController({
  maxLen,
  reason = 1,
  id,
  userdata,
  meterId,
  pause,
}: ActionOf<'controller'>): string {
  if (reason === 1 && !id && userdata === undefined && !pause && meterId === undefined)
    return `CONTROLLER:${maxLen ?? 0xffff}`
  return call(
    'controller',
    reason !== 1 && entry('reason', packetInReasons.word(reason) ?? reason),
    maxLen !== 0xffff && entry('max_len', maxLen),
    id !== 0 && entry('id', id),
    userdata && entry('userdata', formatBytes(userdata)),
    pause && 'pause',
    entry('meter_id', meterId),
  )
}

function formatNat({ kind, address, lastAddress, port, lastPort, persistent, hash, random }: Nat): string {
  if (kind === undefined) return 'nat'
  if (address === undefined) return `nat(${kind})`
  const bracket = (text: string): string => (port !== undefined && text.includes(':') ? `[${text}]` : text)
  const last = lastAddress === undefined || lastAddress === address ? '' : `-${bracket(lastAddress)}`
  const lastInRange = lastPort === undefined || lastPort === port ? '' : `-${lastPort}`
  const ports = port === undefined ? '' : `:${port}${lastInRange}`
  return call(
    'nat',
    `${kind}=${bracket(address)}${last}${ports}`,
    persistent && 'persistent',
    hash && 'hash',
    random && 'random',
  )
}

function formatCt({ commit, force, zone, table, alg, nat, exec }: ActionOf<'ct'>): string {
  return call(
    'ct',
    commit && 'commit',
    force && 'force',
    entry('table', table),
    zone !== 0 && entry('zone', typeof zone === 'object' ? formatSubfield(zone) : zone),
    nat && formatNat(nat),
    exec && exec.length > 0 && `exec(${formatActions(exec)})`,
    alg !== undefined && alg !== 0 && `alg=${helpers.word(alg) ?? alg}`,
  )
}

function formatLearnSource(src: LearnSource): string {
  return 'value' in src ? hex(src.value) : formatSubfield(src.field)
}

function formatLearnMatch(src: LearnSource, dst: Subfield): string {
  if ('field' in src) {
    const { field, offset } = src.field
    const same = field === dst.field && offset === dst.offset
    return same ? formatSubfield(dst) : `${formatSubfield(dst)}=${formatSubfield(src.field)}`
  }
  const spec = fieldSpec(dst.field)
  if (dst.offset !== 0 || dst.bits !== spec.bits) return `${formatSubfield(dst)}=${hex(src.value)}`
  const text = spec.size === 0 ? hex(src.value) : formatValue(spec, fromInteger(spec, src.value))
  return `${spec.text}=${text}`
}

function formatLearnSpec(spec: LearnSpec): string {
  if (spec.to === 'output') return `output:${formatSubfield(spec.src)}`
  if (spec.to === 'load') return `load:${formatLearnSource(spec.src)}->${formatSubfield(spec.dst)}`
  return formatLearnMatch(spec.src, spec.dst)
}

function formatLearn(action: ActionOf<'learn'>): string {
  const { priority, cookie, sendFlowRem, deleteLearned, resultDst } = action
  return call(
    'learn',
    `table=${action.table}`,
    entry('idle_timeout', action.idleTimeout),
    entry('hard_timeout', action.hardTimeout),
    entry('fin_idle_timeout', action.finIdleTimeout),
    entry('fin_hard_timeout', action.finHardTimeout),
    priority !== 32768 && entry('priority', priority),
    sendFlowRem && 'send_flow_rem',
    deleteLearned && 'delete_learned',
    cookie !== undefined && cookie !== 0n && `cookie=${hex(cookie)}`,
    entry('limit', action.limit),
    resultDst && `result_dst=${formatSubfield(resultDst)}`,
    ...action.specs.map(formatLearnSpec),
  )
}

function formatEncapProperty(property: EncapProperty): string {
  if (property.type === 'mdType') return `md_type=${property.mdType}`
  const value = `0x${Buffer.from(property.value)
    .toString('hex')
    .replace(/^0+(?=.)/, '')}`
  if (property.type === 'tlv') return `tlv(${ethType(property.tlvClass)},${property.tlvType},${value})`
  return `unknown(${property.propertyClass},${property.propertyType},${value})`
}

function formatResubmit({ port = Port.inPort, table, ct }: ActionOf<'resubmit'>): string {
  if (port !== Port.inPort && (table === undefined || table === 0xff)) return `resubmit:${formatPort(port)}`
  const from = port === Port.inPort ? '' : formatPort(port)
  return `resubmit(${from},${table === undefined || table === 0xff ? '' : table}${ct ? ',ct' : ''})`
}

function formatOutput({ port, maxLen = 0xffff }: ActionOf<'output'>): string {
  if (port === Port.controller) return `CONTROLLER:${maxLen}`
  return port <= Port.max ? `output:${port}` : formatPort(port)
}

function formatPacketType(type: number): string {
  const inner = type & 0xffff
  return `packet_type(ns=${type >>> 16},type=${sharpHex(inner)})`
}

const formatters: { readonly [T in ActionType]: Formatter<T> } = {
  output: formatOutput,
  outputReg: ({ src }) => `output:${formatSubfield(src)}`,
  outputTrunc: ({ port, maxLen }) => `output(port=${formatPort(port)},max_len=${maxLen})`,
  group: ({ group }) => `group:${group}`,
  setField: ({ field, value, mask }) => {
    const spec = fieldSpec(field)
    return `set_field:${formatValue(spec, value, mask)}->${spec.text}`
  },
  load: ({ value, dst }) => `load:${sharpHex(value)}->${formatSubfield(dst)}`,
  move: ({ src, dst }) => `move:${formatSubfield(src)}->${formatSubfield(dst)}`,
  push: ({ src }) => `push:${formatSubfield(src)}`,
  pop: ({ dst }) => `pop:${formatSubfield(dst)}`,
  deleteField: ({ field }) => `delete_field:${fieldSpec(field).text}`,
  pushVlan: ({ ethType }) => `push_vlan:${sharpHex(ethType)}`,
  popVlan: word('pop_vlan'),
  pushMpls: (action) => `push_mpls:${ethType(action.ethType)}`,
  popMpls: (action) => `pop_mpls:${ethType(action.ethType)}`,
  decMplsTtl: word('dec_mpls_ttl'),
  setMplsTtl: ({ ttl }) => `set_mpls_ttl(${ttl})`,
  setTtl: ({ ttl }) => `mod_nw_ttl:${ttl}`,
  decTtl: ({ ids }) => (ids === undefined ? 'dec_ttl' : `dec_ttl(${ids.join(',')})`),
  decNshTtl: word('dec_nsh_ttl'),
  encap: ({ packetType, properties = [] }) => {
    const name = encapHeaders.word(packetType) ?? 'UNKNOWN'
    return `encap(${properties.length > 0 ? call(name, ...properties.map(formatEncapProperty)) : name})`
  },
  decap: ({ packetType }) => call('decap', packetType !== undefined && formatPacketType(packetType)),
  setQueue: ({ queue }) => `set_queue:${queue}`,
  popQueue: word('pop_queue'),
  meter: ({ meter }) => `meter:${meter}`,
  resubmit: formatResubmit,
  ct: formatCt,
  nat: formatNat,
  ctClear: word('ct_clear'),
  clone: ({ actions }) => `clone(${formatActions(actions)})`,
  learn: formatLearn,
  conjunction: ({ id, clause, clauses }) => `conjunction(${id},${clause}/${clauses})`,
  note: ({ bytes }) => `note:${formatBytes(bytes)}`,
  exit: word('exit'),
  controller: formatController,
  finTimeout: ({ idleTimeout, hardTimeout }) =>
    call(
      'fin_timeout',
      entry('idle_timeout', idleTimeout || undefined),
      entry('hard_timeout', hardTimeout || undefined),
    ),
  sample: ({ probability, collectorSetId, obsDomainId, obsPointId, samplingPort, direction }) =>
    call(
      'sample',
      `probability=${probability}`,
      `collector_set_id=${collectorSetId}`,
      `obs_domain_id=${obsDomainId}`,
      `obs_point_id=${obsPointId}`,
      samplingPort !== undefined && `sampling_port=${formatPort(samplingPort)}`,
      direction,
    ),
  checkPktLarger: ({ bytes, dst }) => `check_pkt_larger(${bytes})->${formatSubfield(dst)}`,
  multipath: ({ fields, basis, algorithm, links, arg, dst }) =>
    `multipath(${fields},${basis},${algorithm},${links},${arg},${formatSubfield(dst)})`,
  bundle: ({ fields, basis, algorithm, members, dst }) =>
    call(
      dst === undefined ? 'bundle' : 'bundle_load',
      fields,
      String(basis),
      algorithm,
      'ofport',
      dst && formatSubfield(dst),
      `members:${members.map(formatPort).join(',')}`,
    ),
  clearActions: word('clear_actions'),
  writeActions: ({ actions }) => `write_actions(${formatActions(actions)})`,
  writeMetadata: ({ value, mask = 0xffffffffffffffffn }) =>
    `write_metadata:${sharpHex(value)}${mask === 0xffffffffffffffffn ? '' : `/${sharpHex(mask)}`}`,
  gotoTable: ({ table }) => `goto_table:${table}`,
  unknown: ({ bytes }) => `unknown(0x${Buffer.from(bytes).toString('hex')})`,
  unknownInstruction: ({ bytes }) => `unknown_instruction(0x${Buffer.from(bytes).toString('hex')})`,
}

function formatAction<T extends ActionType>(action: ActionOf<T>): string {
  const format: Formatter<T> = formatters[action.type]
  return format(action)
}

/** The list as in `actions=…`; `drop` when it is empty. */
export function formatActions(actions: readonly Action[]): string {
  return actions.length === 0 ? 'drop' : actions.map((action) => formatAction(action)).join(',')
}
