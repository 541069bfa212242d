/** Texts of matches over the whole grammar: every field where it may stand. */
import fc from 'fast-check'
import { flags, masked, maskedIpv4, maskedIpv6, maskedMac, number, type Text } from './values.js'

export const contexts = [
  'any',
  'vlan',
  'arp',
  'rarp',
  'ip',
  'tracked',
  'tcp',
  'udp',
  'sctp',
  'icmp',
  'ipv6',
  'tcp6',
  'udp6',
  'sctp6',
  'icmp6',
  'nd',
  'mpls',
  'nsh',
  'packet',
] as const
/** What kind of packet a flow is about: it decides what may be matched and done. */
export type PacketContext = (typeof contexts)[number]

const field = (name: string, value: Text): Text => value.map((text) => `${name}=${text}`)

/** Registers of each width, none of which overlap. */
const registers: readonly Text[] = [
  ...[0, 1, 2, 3, 12, 15].map((i) => field(`reg${i}`, masked(32))),
  ...[2, 3].map((i) => field(`xreg${i}`, masked(64))),
  field('xxreg2', masked(128)),
]

const always: readonly Text[] = [
  field('in_port', fc.constantFrom('1', 'LOCAL', '2', '65279')),
  ...registers,
  field('metadata', masked(64)),
  field('tun_id', masked(64)),
  field('tun_src', maskedIpv4),
  field('tun_dst', maskedIpv4),
  field('tun_ipv6_src', maskedIpv6),
  field('tun_ipv6_dst', maskedIpv6),
  field('tun_gbp_id', masked(16)),
  field('tun_flags', fc.constantFrom('oam', '+oam', '-oam')),
  field('tun_gbp_flags', masked(8)),
  field('tun_gtpu_flags', masked(8)),
  field('tun_gtpu_msgtype', number(8)),
  fc.oneof(
    field('tun_erspan_ver=1,tun_erspan_idx', number(20)),
    fc
      .tuple(number(1), number(6))
      .map(([dir, id]) => `tun_erspan_ver=2,tun_erspan_dir=${dir},tun_erspan_hwid=${id}`),
  ),
  field('tun_metadata0', masked(32)),
  field('tun_metadata1', masked(64)),
  fc.constantFrom('tun_metadata2', 'tun_metadata2=*', 'tun_metadata3[4..19]=0x321'),
  field('pkt_mark', masked(32)),
  field('ct_zone', number(16)),
  field('ct_mark', masked(32)),
  field('ct_label', masked(128)),
  field('conj_id', number(32)),
  field('dl_src', maskedMac),
  field('dl_dst', maskedMac),
]

const ctState = field(
  'ct_state',
  flags(['new', 'est', 'rel', 'rpl', 'inv', 'snat', 'dnat']).map((text) => `${text}+trk`),
)

const ipFields: readonly Text[] = [
  field(
    'nw_tos',
    fc.nat({ max: 63 }).map((dscp) => String(dscp << 2)),
  ),
  field('nw_ecn', number(2)),
  field('nw_ttl', number(8)),
  field('nw_frag', fc.constantFrom('no', 'first', 'not_later')),
]
const inIpv4: readonly Text[] = [field('nw_src', maskedIpv4), field('nw_dst', maskedIpv4), ...ipFields]
const inIpv6: readonly Text[] = [
  field('ipv6_src', maskedIpv6),
  field('ipv6_dst', maskedIpv6),
  field('ipv6_label', masked(20)),
  ...ipFields,
]
const ports: readonly Text[] = [field('tp_src', masked(16)), field('tp_dst', masked(16))]
const tcpFlags = field('tcp_flags', flags(['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr', 'ns']))
const arp: readonly Text[] = [
  field('arp_op', number(8)),
  field('arp_spa', maskedIpv4),
  field('arp_tpa', maskedIpv4),
  field('arp_sha', maskedMac),
  field('arp_tha', maskedMac),
]
const tracked: readonly Text[] = [
  field('ct_nw_src', maskedIpv4),
  field('ct_nw_dst', maskedIpv4),
  field('ct_nw_proto', fc.constantFrom('6', '17')),
]

interface Scope {
  /** Words that come first. */
  readonly words: string
  readonly fields: readonly Text[]
}

const scopes: Readonly<Record<PacketContext, Scope>> = {
  any: { words: '', fields: [] },
  vlan: {
    words: 'dl_vlan=5',
    fields: [field('dl_vlan_pcp', number(3)), field('dl_type', fc.constant('0x88cc'))],
  },
  arp: { words: 'arp', fields: arp },
  rarp: { words: 'rarp', fields: arp },
  ip: {
    words: 'ip',
    fields: [...inIpv4, field('nw_proto', fc.constantFrom('0', '2', '47', '0x59'))],
  },
  tracked: { words: 'ct_state=+est+trk,ip', fields: [...inIpv4, ...tracked] },
  tcp: { words: 'tcp', fields: [...inIpv4, ...ports, tcpFlags] },
  udp: { words: 'udp', fields: [...inIpv4, ...ports] },
  sctp: { words: 'sctp', fields: [...inIpv4, ...ports] },
  icmp: {
    words: 'icmp',
    fields: [...inIpv4, field('icmp_type', number(8)), field('icmp_code', number(8))],
  },
  ipv6: { words: 'ipv6', fields: [...inIpv6, field('nw_proto', fc.constantFrom('0', '2', '59'))] },
  tcp6: { words: 'tcp6', fields: [...inIpv6, ...ports, tcpFlags] },
  udp6: { words: 'udp6', fields: [...inIpv6, ...ports] },
  sctp6: { words: 'sctp6', fields: [...inIpv6, ...ports] },
  icmp6: {
    words: 'icmp6',
    fields: [...inIpv6, field('icmp_type', fc.constantFrom('128', '1')), field('icmp_code', number(8))],
  },
  nd: {
    words: 'icmp6,icmp_type=135,icmp_code=0',
    fields: [...inIpv6, field('nd_target', maskedIpv6), field('nd_sll', maskedMac)],
  },
  mpls: {
    words: 'mpls',
    fields: [
      field('mpls_label', number(20)),
      field('mpls_tc', number(3)),
      field('mpls_bos', number(1)),
      field('mpls_ttl', number(8)),
    ],
  },
  packet: {
    words: 'packet_type=(1,0x800)',
    fields: inIpv4,
  },
  nsh: {
    words: 'dl_type=0x894f',
    fields: [
      field('nsh_flags', masked(2)),
      field('nsh_ttl', number(6)),
      field('nsh_mdtype', fc.constant('1')),
      field('nsh_np', number(8)),
      field('nsh_spi', number(24)),
      field('nsh_si', number(8)),
      ...[1, 2, 3, 4].map((i) => field(`nsh_c${i}`, masked(32))),
    ],
  },
}

/** Some of the texts, in their order; each is there with about one chance in `rarity`. */
export function some(texts: readonly Text[], rarity: number): fc.Arbitrary<string[]> {
  return fc
    .tuple(
      ...texts.map((text) =>
        fc.nat({ max: rarity - 1 }).chain((roll) => (roll === 0 ? text : fc.constant(undefined))),
      ),
    )
    .map((list) => list.filter((text) => text !== undefined))
}

/** A match about such packets; fields that the words of the protocol decide come after them. */
export function matchText(context: PacketContext): Text {
  const { words, fields } = scopes[context]
  return fc
    .tuple(some(context === 'tracked' ? always : [...always, ctState], 8), some(fields, 3))
    .map(([before, after]) => [...before, words, ...after].filter((text) => text !== '').join(','))
}
