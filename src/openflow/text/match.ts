/** Matches as `ovs-ofctl dump-flows` writes them: its order, its words, its number formats. */
import { canonicalEntries, type Entries } from '../canonical.js'
import { type Entry, isMasked } from '../entry.js'
import type { FieldName } from '../fields.js'
import type { Match } from '../match.js'
import {
  ctState,
  decimal,
  decimal8,
  decimal32,
  frag,
  hexadecimal,
  label,
  nwTos,
  option,
  own,
  padded,
  port,
  type Style,
  sharp,
  shown,
  shownHex,
  tcpFlags,
  tunFlags,
  unlessZero,
} from './styles.js'
import { formatPacketType } from './value.js'

/** A field, the word for it, and the look of its value. */
type Row = readonly [field: FieldName, word: string, style?: Style]

const beforeProtocol: readonly Row[] = [
  ['pktMark', 'pkt_mark', sharp],
  ['recircId', 'recirc_id', sharp],
  ['dpHash', 'dp_hash', sharp],
  ['conjId', 'conj_id', shown],
  ['actsetOutput', 'actset_output', port],
  ['ctState', 'ct_state', ctState],
  ['ctZone', 'ct_zone', decimal],
  ['ctMark', 'ct_mark', sharp],
  ['ctLabel', 'ct_label'],
  ['ctNwSrc', 'ct_nw_src'],
  ['ctIpv6Src', 'ct_ipv6_src'],
  ['ctNwDst', 'ct_nw_dst'],
  ['ctIpv6Dst', 'ct_ipv6_dst'],
  ['ctNwProto', 'ct_nw_proto', shown],
  ['ctTpSrc', 'ct_tp_src', decimal],
  ['ctTpDst', 'ct_tp_dst', decimal],
]

const afterProtocol: readonly Row[] = [
  ...Array.from({ length: 16 }, (_, i): Row => [`reg${i}` as FieldName, `reg${i}`, sharp]),
  ['tunnelId', 'tun_id', sharp],
  ['tunIpv4Src', 'tun_src'],
  ['tunIpv4Dst', 'tun_dst'],
  ['tunIpv6Src', 'tun_ipv6_src'],
  ['tunIpv6Dst', 'tun_ipv6_dst'],
  ['tunGbpId', 'tun_gbp_id', decimal],
  ['tunGbpFlags', 'tun_gbp_flags', shownHex],
  ['tunErspanVer', 'tun_erspan_ver', unlessZero(shown)],
  ['tunErspanIdx', 'tun_erspan_idx', shownHex],
  ['tunErspanDir', 'tun_erspan_dir', unlessZero(shown)],
  ['tunErspanHwid', 'tun_erspan_hwid', unlessZero(shownHex)],
  ['tunGtpuFlags', 'gtpu_flags', unlessZero(shownHex)],
  ['tunGtpuMsgtype', 'gtpu_msgtype', unlessZero(shown)],
  ['tunFlags', 'tun_flags', tunFlags],
  ...Array.from({ length: 64 }, (_, i): Row => [`tunMetadata${i}` as FieldName, `tun_metadata${i}`, option]),
  ['metadata', 'metadata', sharp],
  ['inPort', 'in_port', port],
]

const addresses: readonly Row[] = [
  ['ethSrc', 'dl_src'],
  ['ethDst', 'dl_dst'],
]

const afterType: readonly Row[] = [
  ['ipv6Src', 'ipv6_src'],
  ['ipv6Dst', 'ipv6_dst'],
  ['ipv6Flabel', 'ipv6_label', label],
  ['arpSpa', 'arp_spa'],
  ['arpTpa', 'arp_tpa'],
  ['nshFlags', 'nsh_flags', decimal8],
  ['nshTtl', 'nsh_ttl', decimal8],
  ['nshMdtype', 'nsh_mdtype', decimal8],
  ['nshNp', 'nsh_np', decimal8],
  ['nshSpi', 'nsh_spi', hexadecimal],
  ['nshSi', 'nsh_si', decimal8],
]

/** Open vSwitch shows them for matches on metadata of type 1 only. */
const nshContexts: readonly Row[] = [
  ['nshC1', 'nsh_c1', hexadecimal],
  ['nshC2', 'nsh_c2', hexadecimal],
  ['nshC3', 'nsh_c3', hexadecimal],
  ['nshC4', 'nsh_c4', hexadecimal],
]

const ipv4Addresses: readonly Row[] = [
  ['ipv4Src', 'nw_src'],
  ['ipv4Dst', 'nw_dst'],
]

const afterNumber: readonly Row[] = [
  ['arpOp', 'arp_op', shown],
  ['arpSha', 'arp_sha'],
  ['arpTha', 'arp_tha'],
  ['ipDscp', 'nw_tos', nwTos],
  ['ipEcn', 'nw_ecn', shown],
  ['ipTtl', 'nw_ttl', shown],
  ['mplsLabel', 'mpls_label', shown],
  ['mplsTc', 'mpls_tc', shown],
  ['mplsTtl', 'mpls_ttl', shown],
  ['mplsBos', 'mpls_bos', shown],
  ['ipFrag', 'nw_frag', frag],
  ['icmpv4Type', 'icmp_type', decimal],
  ['icmpv4Code', 'icmp_code', decimal],
  ['icmpv6Type', 'icmp_type', decimal],
  ['icmpv6Code', 'icmp_code', decimal],
  ['ndTarget', 'nd_target'],
  ['ndSll', 'nd_sll'],
  ['ndTll', 'nd_tll'],
  ['ndReserved', 'nd_reserved', decimal32],
  ['ndOptionsType', 'nd_options_type', decimal],
  ['tcpSrc', 'tp_src', decimal],
  ['udpSrc', 'tp_src', decimal],
  ['sctpSrc', 'tp_src', decimal],
  ['tcpDst', 'tp_dst', decimal],
  ['udpDst', 'tp_dst', decimal],
  ['sctpDst', 'tp_dst', decimal],
  ['tcpFlags', 'tcp_flags', tcpFlags],
]

/** Words for an Ethernet type, and for an IP protocol in it. */
const protocols: ReadonlyMap<
  number,
  { readonly word: string; readonly inside?: ReadonlyMap<number, string> }
> = new Map([
  [
    0x0800,
    {
      word: 'ip',
      inside: new Map([
        [1, 'icmp'],
        [6, 'tcp'],
        [17, 'udp'],
        [132, 'sctp'],
      ]),
    },
  ],
  [
    0x86dd,
    {
      word: 'ipv6',
      inside: new Map([
        [58, 'icmp6'],
        [6, 'tcp6'],
        [17, 'udp6'],
        [132, 'sctp6'],
      ]),
    },
  ],
  [0x0806, { word: 'arp' }],
  [0x8035, { word: 'rarp' }],
  [0x8847, { word: 'mpls' }],
  [0x8848, { word: 'mplsm' }],
])

interface Placed {
  readonly field: FieldName
  readonly word: string
  readonly style: Style
  /** Which of the lists it is in, and where in all of them. */
  readonly rows: readonly Row[]
  readonly order: number
}

/** Every field that has a word, by its name: a match has few of them. */
const placed: ReadonlyMap<string, Placed> = new Map(
  [beforeProtocol, afterProtocol, addresses, afterType, nshContexts, ipv4Addresses, afterNumber]
    .flatMap((rows) => rows.map((row) => ({ rows, row })))
    .map(({ rows, row: [field, word, style = own(field)] }, order) => [
      field,
      { field, word, style, rows, order },
    ]),
)

/** The fields that are there, in the order of the text. */
function placesOf(entries: Entries): Placed[] {
  const present: Placed[] = []
  for (const name in entries) {
    const place = placed.get(name)
    if (place !== undefined && entries[place.field] !== undefined) present.push(place)
  }
  return present.sort((a, b) => a.order - b.order)
}

/** The version of ERSPAN whose fields these are: Open vSwitch shows them beside it only. */
const erspanVersions: ReadonlyMap<FieldName, number> = new Map([
  ['tunErspanIdx', 1],
  ['tunErspanDir', 2],
  ['tunErspanHwid', 2],
])

function put(parts: string[], entries: Entries, present: readonly Placed[], rows: readonly Row[]): void {
  for (const { field, word, style, rows: own } of present) {
    if (own !== rows) continue
    const entry = entries[field]
    const version = erspanVersions.get(field)
    if (entry === undefined || (version !== undefined && number(entries.tunErspanVer) !== version)) continue
    const text = isMasked(entry) ? style(entry.value, entry.mask) : style(entry, undefined)
    if (text !== undefined) parts.push(text === '' ? word : `${word}=${text}`)
  }
}

function number(entry: Entry | undefined): number | undefined {
  return entry === undefined ? undefined : Number(isMasked(entry) ? entry.value : entry)
}

/** A tag with its presence: by number and priority where these are whole, else as one 16-bit value with its mask. */
function putVlan(parts: string[], { vlanVid, vlanPcp }: Entries): void {
  if (vlanVid === undefined && vlanPcp === undefined) return
  const vid = number(vlanVid) ?? 0
  const vidMask = vlanVid === undefined ? 0 : isMasked(vlanVid) ? Number(vlanVid.mask) : 0x1fff
  const pcp = number(vlanPcp)
  const tci = vid | ((pcp ?? 0) << 13)
  const mask = vidMask | (pcp === undefined ? 0 : 0xe000)
  const whole = (vidMask & 0xfff) === 0 || (vidMask & 0xfff) === 0xfff
  if ((tci & mask & 0x1000) !== 0 && whole && (mask & 0xefff) !== 0) {
    if ((vidMask & 0xfff) !== 0) parts.push(`dl_vlan=${vid & 0xfff}`)
    if (pcp !== undefined) parts.push(`dl_vlan_pcp=${pcp}`)
  } else parts.push(`vlan_tci=${padded(tci, 4)}${mask === 0xffff ? '' : `/${padded(mask, 4)}`}`)
}

/** Priority of a flow without one. */
export const defaultPriority = 32768

/**
 * The match as `priority=100,ip,in_port=1,nw_dst=192.168.1.0/24`, empty for a match on nothing.
 * Table, unless 0, and priority, unless 32768, come first.
 */
export function formatMatch(
  match: Match,
  { table = 0, priority = defaultPriority }: { table?: number; priority?: number } = {},
): string {
  const entries = canonicalEntries(match)
  const present = placesOf(entries)
  const parts: string[] = []
  if (table !== 0) parts.push(`table=${table}`)
  if (priority !== defaultPriority) parts.push(`priority=${priority}`)
  put(parts, entries, present, beforeProtocol)
  const packetType = entries.packetType
  if (packetType !== undefined && packetType !== 0) parts.push(formatPacketType(Number(packetType)))
  const ethType = number(entries.ethType)
  const ipProto = number(entries.ipProto)
  const protocol = ethType === undefined ? undefined : protocols.get(ethType)
  const inside = ipProto === undefined ? undefined : protocol?.inside?.get(ipProto)
  if (protocol !== undefined) parts.push(inside ?? protocol.word)
  put(parts, entries, present, afterProtocol)
  putVlan(parts, entries)
  put(parts, entries, present, addresses)
  if (ethType !== undefined && protocol === undefined) parts.push(`dl_type=${padded(ethType, 4)}`)
  put(parts, entries, present, afterType)
  if (number(entries.nshMdtype) === 1) put(parts, entries, present, nshContexts)
  put(parts, entries, present, ipv4Addresses)
  if (ipProto !== undefined && inside === undefined) parts.push(`nw_proto=${ipProto}`)
  put(parts, entries, present, afterNumber)
  for (const entry of match.unknown ?? []) parts.push(`unknown(0x${Buffer.from(entry).toString('hex')})`)
  return parts.join(',')
}
