/** Texts of actions that need packets of some kind. */
import fc from 'fast-check'
import { bits16, call, colon, constant, equals, properties, set } from './forms.js'
import type { PacketContext } from './match.js'
import {
  decimal,
  ipv4,
  ipv6,
  masked,
  maskedIpv4,
  maskedIpv6,
  maskedMac,
  number,
  type Text,
} from './values.js'

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

export const packetActions: Readonly<Record<PacketContext, readonly Text[]>> = {
  any: [
    constant('push_vlan:0x8100', 'push_vlan:0x88a8'),
    constant('encap(nsh)', 'encap(nsh(md_type=1))', 'encap(ethernet)', 'encap(mpls)', 'decap'),
    constant('decap(packet_type(ns=0,type=0))', 'decap(packet_type(ns=1,type=0x894f))'),
    fc
      .tuple(number(16), decimal(255), number(32, 0x10000000))
      .map(([owner, type, value]) => `encap(nsh(md_type=2,tlv(${owner},${type},${value})))`),
  ],
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
  packet: [constant('encap(ethernet)')],
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
