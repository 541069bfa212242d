/** Fields of the packet itself, in the order in which Open vSwitch writes them. */
import { inEthernet, ipv4, ipv6, mac, u8, u16, u32 } from './field.js'

export const ethernet = inEthernet({
  ethSrc: mac('eth_src', 'NXM_OF_ETH_SRC 2', 'OXM_OF_ETH_SRC 4'),
  ethDst: mac('eth_dst', 'NXM_OF_ETH_DST 1', 'OXM_OF_ETH_DST 3'),
  ethType: u16('eth_type', 16, 'hex', 'NXM_OF_ETH_TYPE 3', 'OXM_OF_ETH_TYPE 5'),
  /** Priority, presence (0x1000) and VLAN as in the tag; on the wire it becomes `vlanVid` and `vlanPcp`. */
  vlanTci: u16('vlan_tci', 16, 'hex', 'NXM_OF_VLAN_TCI 4'),
  /** 0 is "no tag"; otherwise 0x1000 and the VLAN (OFPVID_PRESENT). */
  vlanVid: u16('vlan_vid', 12, 'decimal', 'OXM_OF_VLAN_VID 6'),
  vlanPcp: u8('vlan_pcp', 3, 'decimal', 'OXM_OF_VLAN_PCP 7'),
  mplsTc: u8('mpls_tc', 3, 'decimal', 'OXM_OF_MPLS_TC 35'),
  mplsBos: u8('mpls_bos', 1, 'decimal', 'OXM_OF_MPLS_BOS 36'),
  mplsTtl: u8('mpls_ttl', 8, 'decimal', 'NXM_NX_MPLS_TTL 30'),
  mplsLabel: u32('mpls_label', 20, 'decimal', 'OXM_OF_MPLS_LABEL 34'),
})

export const ip = inEthernet({
  ipv4Src: ipv4('ip_src', 'NXM_OF_IP_SRC 7', 'OXM_OF_IPV4_SRC 11'),
  ipv4Dst: ipv4('ip_dst', 'NXM_OF_IP_DST 8', 'OXM_OF_IPV4_DST 12'),
  ipv6Src: ipv6('ipv6_src', 'NXM_NX_IPV6_SRC 19', 'OXM_OF_IPV6_SRC 26'),
  ipv6Dst: ipv6('ipv6_dst', 'NXM_NX_IPV6_DST 20', 'OXM_OF_IPV6_DST 27'),
  /** Bit 0: any fragment; bit 1: a later one. */
  ipFrag: u8('ip_frag', 2, 'frag', 'NXM_NX_IP_FRAG 26'),
  /** The whole TOS byte without ECN, as `NXM_OF_IP_TOS[]` in actions. A match says `ipDscp`. */
  nwTos: u8('nw_tos', 8, 'decimal', 'NXM_OF_IP_TOS 5'),
  ipDscp: u8('ip_dscp', 6, 'decimal', 'OXM_OF_IP_DSCP 8'),
  ipEcn: u8('nw_ecn', 2, 'decimal', 'NXM_NX_IP_ECN 28', 'OXM_OF_IP_ECN 9'),
  ipTtl: u8('nw_ttl', 8, 'decimal', 'NXM_NX_IP_TTL 29'),
  ipv6Flabel: u32('ipv6_label', 20, 'hex', 'NXM_NX_IPV6_LABEL 27', 'OXM_OF_IPV6_FLABEL 28'),
  ipProto: u8('nw_proto', 8, 'decimal', 'NXM_OF_IP_PROTO 6', 'OXM_OF_IP_PROTO 10'),
})

export const transport = inEthernet({
  tcpSrc: u16('tcp_src', 16, 'decimal', 'NXM_OF_TCP_SRC 9', 'OXM_OF_TCP_SRC 13'),
  tcpDst: u16('tcp_dst', 16, 'decimal', 'NXM_OF_TCP_DST 10', 'OXM_OF_TCP_DST 14'),
  tcpFlags: u16(
    'tcp_flags',
    12,
    'tcpFlags',
    'NXM_NX_TCP_FLAGS 34',
    'ONFOXM_ET_TCP_FLAGS 42',
    'OXM_OF_TCP_FLAGS 42 6',
  ),
  udpSrc: u16('udp_src', 16, 'decimal', 'NXM_OF_UDP_SRC 11', 'OXM_OF_UDP_SRC 15'),
  udpDst: u16('udp_dst', 16, 'decimal', 'NXM_OF_UDP_DST 12', 'OXM_OF_UDP_DST 16'),
  sctpSrc: u16('sctp_src', 16, 'decimal', 'OXM_OF_SCTP_SRC 17'),
  sctpDst: u16('sctp_dst', 16, 'decimal', 'OXM_OF_SCTP_DST 18'),
  icmpv4Type: u8('icmp_type', 8, 'decimal', 'NXM_OF_ICMP_TYPE 13', 'OXM_OF_ICMPV4_TYPE 19'),
  icmpv4Code: u8('icmp_code', 8, 'decimal', 'NXM_OF_ICMP_CODE 14', 'OXM_OF_ICMPV4_CODE 20'),
  icmpv6Type: u8('icmpv6_type', 8, 'decimal', 'NXM_NX_ICMPV6_TYPE 21', 'OXM_OF_ICMPV6_TYPE 29'),
  icmpv6Code: u8('icmpv6_code', 8, 'decimal', 'NXM_NX_ICMPV6_CODE 22', 'OXM_OF_ICMPV6_CODE 30'),
  ndReserved: u32('nd_reserved', 32, 'decimal', 'ERICOXM_OF_ICMPV6_ND_RESERVED 1'),
  ndTarget: ipv6('nd_target', 'NXM_NX_ND_TARGET 23', 'OXM_OF_IPV6_ND_TARGET 31'),
  ndOptionsType: u8('nd_options_type', 8, 'decimal', 'ERICOXM_OF_ICMPV6_ND_OPTIONS_TYPE 2'),
  ndSll: mac('nd_sll', 'NXM_NX_ND_SLL 24', 'OXM_OF_IPV6_ND_SLL 32'),
  ndTll: mac('nd_tll', 'NXM_NX_ND_TLL 25', 'OXM_OF_IPV6_ND_TLL 33'),
})

export const arp = inEthernet({
  arpOp: u16('arp_op', 16, 'decimal', 'NXM_OF_ARP_OP 15', 'OXM_OF_ARP_OP 21'),
  arpSpa: ipv4('arp_spa', 'NXM_OF_ARP_SPA 16', 'OXM_OF_ARP_SPA 22'),
  arpTpa: ipv4('arp_tpa', 'NXM_OF_ARP_TPA 17', 'OXM_OF_ARP_TPA 23'),
  arpSha: mac('arp_sha', 'NXM_NX_ARP_SHA 17', 'OXM_OF_ARP_SHA 24'),
  arpTha: mac('arp_tha', 'NXM_NX_ARP_THA 18', 'OXM_OF_ARP_THA 25'),
})
