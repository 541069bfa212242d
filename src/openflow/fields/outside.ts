/** Fields around the packet: its tunnel, its service header, its connection. */
import { bytes, inEthernet, ipv4, ipv6, numbered, u8, u16, u32, u64, u128 } from './field.js'

type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
type Option = Digit | `${1 | 2 | 3 | 4 | 5}${Digit}` | 60 | 61 | 62 | 63
export type TunMetadataName = `tunMetadata${Option}`

export const tunnel = {
  tunnelId: u64('tun_id', 'NXM_NX_TUN_ID 16', 'OXM_OF_TUNNEL_ID 38'),
  tunFlags: u16('tun_flags', 1, 'tunFlags', 'NXM_NX_TUN_FLAGS 104'),
  tunIpv4Src: ipv4('tun_src', 'NXM_NX_TUN_IPV4_SRC 31'),
  tunIpv4Dst: ipv4('tun_dst', 'NXM_NX_TUN_IPV4_DST 32'),
  tunIpv6Src: ipv6('tun_ipv6_src', 'NXM_NX_TUN_IPV6_SRC 109'),
  tunIpv6Dst: ipv6('tun_ipv6_dst', 'NXM_NX_TUN_IPV6_DST 110'),
  tunGbpId: u16('tun_gbp_id', 16, 'decimal', 'NXM_NX_TUN_GBP_ID 38'),
  tunGbpFlags: u8('tun_gbp_flags', 8, 'hex', 'NXM_NX_TUN_GBP_FLAGS 39'),
  ...numbered(64, (i) => [
    `tunMetadata${i}` as TunMetadataName,
    bytes(`tun_metadata${i}`, `NXM_NX_TUN_METADATA${i} ${i + 40}`),
  ]),
  tunErspanIdx: u32('tun_erspan_idx', 20, 'hex', 'NXOXM_ET_ERSPAN_IDX 11'),
  tunErspanVer: u8('tun_erspan_ver', 4, 'decimal', 'NXOXM_ET_ERSPAN_VER 12'),
  tunErspanDir: u8('tun_erspan_dir', 1, 'decimal', 'NXOXM_ET_ERSPAN_DIR 13'),
  tunErspanHwid: u8('tun_erspan_hwid', 6, 'hex', 'NXOXM_ET_ERSPAN_HWID 14'),
  tunGtpuFlags: u8('tun_gtpu_flags', 8, 'hex', 'NXOXM_ET_GTPU_FLAGS 15'),
  tunGtpuMsgtype: u8('tun_gtpu_msgtype', 8, 'decimal', 'NXOXM_ET_GTPU_MSGTYPE 16'),
}

export const nsh = inEthernet({
  nshFlags: u8('nsh_flags', 8, 'decimal', 'NXOXM_NSH_FLAGS 1'),
  nshTtl: u8('nsh_ttl', 8, 'decimal', 'NXOXM_NSH_TTL 10'),
  nshMdtype: u8('nsh_mdtype', 8, 'decimal', 'NXOXM_NSH_MDTYPE 2'),
  nshNp: u8('nsh_np', 8, 'decimal', 'NXOXM_NSH_NP 3'),
  nshSpi: u32('nsh_spi', 24, 'hex', 'NXOXM_NSH_SPI 4'),
  nshSi: u8('nsh_si', 8, 'decimal', 'NXOXM_NSH_SI 5'),
  nshC1: u32('nsh_c1', 32, 'hex', 'NXOXM_NSH_C1 6'),
  nshC2: u32('nsh_c2', 32, 'hex', 'NXOXM_NSH_C2 7'),
  nshC3: u32('nsh_c3', 32, 'hex', 'NXOXM_NSH_C3 8'),
  nshC4: u32('nsh_c4', 32, 'hex', 'NXOXM_NSH_C4 9'),
})

export const connection = {
  ctState: u32('ct_state', 32, 'ctState', 'NXM_NX_CT_STATE 105'),
  ctZone: u16('ct_zone', 16, 'hex', 'NXM_NX_CT_ZONE 106'),
  ctMark: u32('ct_mark', 32, 'hex', 'NXM_NX_CT_MARK 107'),
  ctLabel: u128('ct_label', 'NXM_NX_CT_LABEL 108'),
}

export const originalTuple = inEthernet({
  ctNwSrc: ipv4('ct_nw_src', 'NXM_NX_CT_NW_SRC 120'),
  ctIpv6Src: ipv6('ct_ipv6_src', 'NXM_NX_CT_IPV6_SRC 122'),
  ctNwDst: ipv4('ct_nw_dst', 'NXM_NX_CT_NW_DST 121'),
  ctIpv6Dst: ipv6('ct_ipv6_dst', 'NXM_NX_CT_IPV6_DST 123'),
  ctNwProto: u8('ct_nw_proto', 8, 'decimal', 'NXM_NX_CT_NW_PROTO 119'),
  ctTpSrc: u16('ct_tp_src', 16, 'decimal', 'NXM_NX_CT_TP_SRC 124'),
  ctTpDst: u16('ct_tp_dst', 16, 'decimal', 'NXM_NX_CT_TP_DST 125'),
})
