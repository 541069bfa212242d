/** Texts of actions that may stand in any list. */
import fc from 'fast-check'
import { bits16, call, colon, constant, equals, properties, set } from './forms.js'
import {
  decimal,
  mac,
  masked,
  maskedIpv4,
  maskedIpv6,
  maskedMac,
  number,
  subfield,
  type Text,
} from './values.js'

const port: Text = fc.constantFrom('1', '2', '3', 'IN_PORT', 'LOCAL', 'NORMAL', 'FLOOD', 'ALL')

const registers = [
  ['NXM_NX_REG0', 32],
  ['reg7', 32],
  ['xreg1', 64],
  ['xxreg1', 128],
  ['metadata', 64],
  ['tun_id', 64],
  ['NXM_NX_PKT_MARK', 32],
] as const
const addresses = [
  ['eth_src', 48],
  ['NXM_OF_ETH_DST', 48],
] as const

const moves: Text = fc
  .tuple(fc.constantFrom(...registers, ...addresses), fc.constantFrom(...registers, ...addresses))
  .chain(([[a, aBits], [b, bBits]]) =>
    fc
      .integer({ min: 1, max: Math.min(aBits, bBits) })
      .chain((bits) =>
        fc
          .tuple(fc.nat({ max: aBits - bits }), fc.nat({ max: bBits - bits }))
          .map(([i, j]) => `move:${a}[${i}..${i + bits - 1}]->${b}[${j}..${j + bits - 1}]`),
      ),
  )

const loads: Text = fc
  .constantFrom(...registers, ...addresses)
  .chain(([name, bits]) =>
    fc
      .integer({ min: 1, max: Math.min(64, bits) })
      .chain((size) =>
        fc
          .tuple(number(size), fc.nat({ max: bits - size }))
          .map(([value, from]) => `load:${value}->${name}[${from}..${from + size - 1}]`),
      ),
  )

const userdata: Text = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('.'))

const controller: Text = call(
  'controller',
  properties(undefined, [
    equals('reason', constant('no_match', 'action', 'invalid_ttl')),
    equals('max_len', number(16)),
    equals('id', number(16)),
    equals('userdata', userdata),
    constant('pause'),
    equals('meter_id', number(31, 1)),
  ]).filter((text) => text !== ''),
)

const hashFields = constant(
  'eth_src',
  'symmetric_l4',
  'symmetric_l3l4',
  'symmetric_l3l4+udp',
  'nw_src',
  'nw_dst',
  'symmetric_l3',
)
const members: Text = fc
  .array(fc.constantFrom('1', '2', '3'), { minLength: 1, maxLength: 4 })
  .map((list) => list.join(','))

const learn: Text = call(
  'learn',
  properties(equals('table', constant('3', '200')), [
    equals('idle_timeout', decimal(65535)),
    equals('hard_timeout', decimal(65535)),
    equals('priority', decimal(65535)),
    equals('cookie', number(64)),
    equals('fin_idle_timeout', decimal(65535)),
    equals('fin_hard_timeout', decimal(65535)),
    constant('send_flow_rem'),
    constant('delete_learned'),
    equals('limit', decimal(0x7fffffff)),
    constant('NXM_OF_VLAN_TCI[0..11]'),
    constant('NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[]'),
    equals('eth_src', mac),
    equals('reg4', number(32)),
    constant('load:NXM_OF_IN_PORT[]->NXM_NX_REG0[0..15]'),
    number(32).map((value) => `load:${value}->reg5`),
    constant('output:NXM_OF_IN_PORT[]', 'output:reg1[0..15]'),
  ]),
)

const sample: Text = call(
  'sample',
  properties(equals('probability', number(16, 1)), [
    equals('collector_set_id', number(32)),
    equals('obs_domain_id', number(32)),
    equals('obs_point_id', number(32)),
    equals('sampling_port', constant('1', 'LOCAL')),
    constant('ingress', 'egress'),
  ]),
)

/** What may stand in any list of actions. */
export const plainActions: readonly Text[] = [
  port,
  colon('output', port),
  constant('CONTROLLER'),
  colon('CONTROLLER', decimal(65535)),
  controller,
  fc
    .tuple(constant('1', 'LOCAL'), number(32, 14))
    .map(([to, length]) => `output(port=${to},max_len=${length})`),
  colon('output', subfield(registers.slice(0, 2), 32)),
  colon('group', number(31)),
  ...[0, 5, 9].map((i) => set(`reg${i}`, masked(32))),
  set('xreg1', masked(64)),
  set('xxreg0', masked(128)),
  set('metadata', masked(64)),
  set('tun_id', masked(64)),
  set('tun_dst', maskedIpv4),
  set('tun_ipv6_src', maskedIpv6),
  set('tun_gbp_id', masked(16)),
  set('tun_metadata0', masked(32)),
  set('tun_metadata1', number(64)),
  number(16).map((value) => `load:${value}->tun_metadata1[8..23]`),
  constant('move:tun_metadata0[0..15]->reg0[16..31]', 'move:reg1[]->tun_metadata0[0..31]'),
  set('pkt_mark', masked(32)),
  set('eth_src', maskedMac),
  set('eth_dst', maskedMac),
  set('in_port', constant('1', 'LOCAL', 'NONE')),
  loads,
  moves,
  colon('push', subfield(registers)),
  colon('pop', subfield(registers)),
  decimal(254).map((table) => `resubmit(,${table})`),
  colon('resubmit', constant('1', 'LOCAL')),
  fc
    .tuple(constant('', '1', 'LOCAL'), fc.nat({ max: 254 }))
    .map(([from, table]) => `resubmit(${from},${table})`),
  constant('exit', 'ct_clear', 'pop_queue'),
  userdata.map((bytes) => `note:${bytes}`),
  fc
    .tuple(number(16), constant('reg3[0]', 'NXM_NX_REG4[31]'))
    .map(([size, to]) => `check_pkt_larger(${size})->${to}`),
  fc
    .tuple(
      hashFields,
      decimal(65535),
      constant('modulo_n', 'hash_threshold', 'hrw', 'iter_hash'),
      decimal(64, 1),
      decimal(0x7fffffff),
      bits16,
    )
    .map((parts) => `multipath(${parts.join(',')})`),
  fc
    .tuple(hashFields, decimal(65535), constant('active_backup', 'hrw'), members)
    .map(([fields, basis, how, list]) => `bundle(${fields},${basis},${how},ofport,members:${list})`),
  fc
    .tuple(hashFields, decimal(65535), constant('active_backup', 'hrw'), bits16, members)
    .map(
      ([fields, basis, how, dst, list]) =>
        `bundle_load(${fields},${basis},${how},ofport,${dst},members:${list})`,
    ),
  learn,
  sample,
  colon('set_queue', number(32)),
  fc.tuple(constant('1', '2'), number(32)).map(([to, queue]) => `enqueue:${to}:${queue}`),
  colon('mod_dl_src', mac),
  colon('mod_dl_dst', mac),
  colon('set_tunnel', number(32)),
  colon('set_tunnel64', number(64)),
]
