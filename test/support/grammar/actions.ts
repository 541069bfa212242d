/** Texts of actions over the whole grammar: every action where it may stand. */
import fc from 'fast-check'
import type { PacketContext } from './match.js'
import {
  decimal,
  ipv4,
  ipv6,
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
const call = (name: string, inside: Text): Text => inside.map((text) => `${name}(${text})`)
const colon = (name: string, value: Text): Text => value.map((text) => `${name}:${text}`)
const constant = (...texts: readonly string[]): Text => fc.constantFrom(...texts)

/** Some of the properties, joined by commas; `first` is always there. */
function properties(first: Text | undefined, others: readonly Text[]): Text {
  const some = fc.tuple(...others.map((text) => fc.option(text, { nil: '' })))
  return fc
    .tuple(first ?? fc.constant(''), some)
    .map(([head, tail]) => [head, ...tail].filter((text) => text !== '').join(','))
}

const set = (name: string, value: Text): Text => value.map((text) => `set_field:${text}->${name}`)
const equals = (name: string, value: Text): Text => value.map((text) => `${name}=${text}`)

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

const bits16: Text = fc.nat({ max: 16 }).map((from) => `reg3[${from}..${from + 15}]`)

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
const plain: readonly Text[] = [
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

const range = (address: Text): Text =>
  fc
    .tuple(
      address,
      fc.option(fc.tuple(fc.integer({ min: 1, max: 30000 }), fc.nat({ max: 30000 })), { nil: undefined }),
    )
    .map(([from, between]) =>
      between === undefined ? from : `${from}:${between[0]}-${between[0] + between[1]}`,
    )

const nat = (address: Text): Text =>
  fc.oneof(
    constant('nat', 'nat(src)', 'nat(dst)'),
    fc
      .tuple(
        constant('src', 'dst'),
        range(address),
        constant('', ',persistent', ',persistent,hash', ',random', ',hash'),
      )
      .map(([kind, text, flags]) => `nat(${kind}=${text}${flags})`),
  )

const ct = (address: Text): Text =>
  call(
    'ct',
    fc.oneof(
      properties(constant('commit', 'commit,force'), [
        equals('table', constant('1', '254')),
        equals('zone', fc.oneof(number(16), bits16)),
        nat(address),
        call('exec', fc.oneof(set('ct_mark', masked(32)), set('ct_label', masked(128)))),
      ]),
      properties(undefined, [
        equals('table', constant('1', '254')),
        equals('zone', number(16)),
        constant('nat'),
      ]),
    ),
  )

const ipActions: readonly Text[] = [
  constant('dec_ttl'),
  fc.array(decimal(65535), { minLength: 1, maxLength: 4 }).map((ids) => `dec_ttl(${ids.join(',')})`),
  colon('mod_nw_ttl', number(8)),
  colon(
    'mod_nw_tos',
    fc.nat({ max: 63 }).map((dscp) => String(dscp << 2)),
  ),
  colon('mod_nw_ecn', number(2)),
  set('nw_ttl', number(8)),
  set('ip_dscp', number(6)),
  set('nw_ecn', number(2)),
]
const inIpv4: readonly Text[] = [
  ...ipActions,
  set('ip_src', maskedIpv4),
  set('ip_dst', maskedIpv4),
  colon('mod_nw_src', ipv4),
  colon('mod_nw_dst', ipv4),
  ct(ipv4),
  constant('move:NXM_OF_IP_SRC[]->NXM_OF_IP_DST[]', 'move:NXM_OF_IP_SRC[0..15]->reg0[16..31]'),
]
const inIpv6: readonly Text[] = [
  ...ipActions,
  set('ipv6_src', maskedIpv6),
  set('ipv6_dst', maskedIpv6),
  set('ipv6_label', masked(20)),
  ct(ipv6.map((address) => `[${address}]`)),
]
const ports = (name: string): readonly Text[] => [
  set(`${name}_src`, masked(16)),
  set(`${name}_dst`, masked(16)),
]

/** Says nothing of IPv6. */
const oldPorts: readonly Text[] = [colon('mod_tp_src', number(16)), colon('mod_tp_dst', number(16))]

const byContext: Readonly<Record<PacketContext, readonly Text[]>> = {
  any: [constant('push_vlan:0x8100', 'push_vlan:0x88a8')],
  vlan: [
    constant('pop_vlan', 'strip_vlan'),
    colon('mod_vlan_vid', number(12)),
    colon('mod_vlan_pcp', number(3)),
    colon('set_vlan_pcp', number(3)),
  ],
  arp: [
    set('arp_op', number(8)),
    set('arp_spa', maskedIpv4),
    set('arp_tha', maskedMac),
    constant('move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[]', 'move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[]'),
  ],
  rarp: [],
  ip: inIpv4,
  tracked: inIpv4,
  tcp: [
    ...inIpv4,
    ...ports('tcp'),
    ...oldPorts,
    constant('ct(commit,alg=ftp)'),
    call(
      'fin_timeout',
      properties(undefined, [
        equals('idle_timeout', number(16, 1)),
        equals('hard_timeout', number(16, 1)),
      ]).filter((text) => text !== ''),
    ),
  ],
  udp: [...inIpv4, ...ports('udp'), ...oldPorts, constant('ct(commit,alg=tftp)')],
  sctp: [...inIpv4, ...ports('sctp'), ...oldPorts],
  icmp: [...inIpv4, set('icmp_type', number(8)), set('icmp_code', number(8))],
  ipv6: inIpv6,
  tcp6: [...inIpv6, ...ports('tcp')],
  udp6: [...inIpv6, ...ports('udp')],
  sctp6: [...inIpv6, ...ports('sctp')],
  icmp6: [...inIpv6, set('icmpv6_type', number(8)), set('icmpv6_code', number(8))],
  nd: [...inIpv6, set('nd_target', maskedIpv6), set('nd_sll', maskedMac)],
  mpls: [
    constant('dec_mpls_ttl'),
    colon('set_mpls_label', number(20)),
    colon('set_mpls_tc', number(3)),
    colon('set_mpls_ttl', number(8)),
    set('mpls_label', number(20)),
  ],
  nsh: [
    constant('dec_nsh_ttl'),
    set('nsh_c1', masked(32)),
    set('nsh_ttl', number(6)),
    set('nsh_si', number(8)),
  ],
}

/** A list of actions and instructions for packets of the context. */
export function actionsText(context: PacketContext): Text {
  const one: Text = fc.oneof(
    fc.oneof(...plain),
    fc.oneof(...plain, ...byContext[context], ...byContext[context]),
  )
  const list = fc.array(one, { minLength: 1, maxLength: 4 })
  const nested = list.map((inside) => `clone(${inside.join(',')})`)
  const apply = fc.array(fc.oneof({ arbitrary: one, weight: 12 }, { arbitrary: nested, weight: 1 }), {
    maxLength: 5,
  })
  const instructions = fc.tuple(
    constant('', '', '', 'clear_actions'),
    fc.oneof(
      { arbitrary: constant(''), weight: 4 },
      {
        arbitrary: constant('write_actions(output:1)', 'write_actions(set_field:5->reg0,group:7)'),
        weight: 1,
      },
    ),
    fc.oneof(
      { arbitrary: constant(''), weight: 4 },
      { arbitrary: colon('write_metadata', masked(64)), weight: 1 },
    ),
    fc.oneof({ arbitrary: constant(''), weight: 2 }, { arbitrary: constant('goto_table:254'), weight: 1 }),
  )
  const conjunctions = fc
    .array(
      fc.tuple(
        number(32),
        fc.integer({ min: 2, max: 64 }).chain((n) => fc.integer({ min: 1, max: n }).map((k) => `${k}/${n}`)),
      ),
      {
        minLength: 1,
        maxLength: 3,
      },
    )
    .map((clauses) => clauses.map(([id, clause]) => `conjunction(${id},${clause})`).join(','))
  return fc.oneof(
    { arbitrary: conjunctions, weight: 1 },
    {
      arbitrary: fc
        .tuple(apply, instructions)
        .map(
          ([actions, others]) => [...actions, ...others].filter((text) => text !== '').join(',') || 'drop',
        ),
      weight: 15,
    },
  )
}
