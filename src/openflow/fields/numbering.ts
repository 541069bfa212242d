/** Open vSwitch's own numbering of fields, the order of its lists of fields (ovs-fields(7) follows it). */

const some = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`)

const packet =
  'ethSrc ethDst ethType vlanTci vlanVid vlanPcp mplsLabel mplsTc mplsBos mplsTtl ipv4Src ipv4Dst ipv6Src ipv6Dst ' +
  'ipv6Flabel ipProto nwTos ipDscp ipEcn ipTtl ipFrag arpOp arpSpa arpTpa arpSha arpTha tcpSrc tcpDst tcpFlags ' +
  'udpSrc udpDst sctpSrc sctpDst icmpv4Type icmpv4Code icmpv6Type icmpv6Code ndTarget ndSll ndTll ndReserved ' +
  'ndOptionsType nshFlags nshMdtype nshNp nshSpi nshSi nshC1 nshC2 nshC3 nshC4 nshTtl'
const tunnel =
  'dpHash recircId packetType conjId tunnelId tunIpv4Src tunIpv4Dst tunIpv6Src tunIpv6Dst tunFlags tunGbpId ' +
  'tunGbpFlags tunErspanIdx tunErspanVer tunErspanDir tunErspanHwid tunGtpuFlags tunGtpuMsgtype'
const metadata =
  'metadata inPort16 inPort actsetOutput pktMark ctState ctZone ctMark ctLabel ctNwProto ctNwSrc ctNwDst ctIpv6Src ' +
  'ctIpv6Dst ctTpSrc ctTpDst'

const words = (text: string): string[] => text.split(' ')

/** All fields. */
export const numbering: readonly string[] = [
  ...words(tunnel),
  ...some('tunMetadata', 64),
  ...words(metadata),
  ...some('reg', 16),
  ...some('xreg', 8),
  ...some('xxreg', 4),
  ...words(packet),
]
