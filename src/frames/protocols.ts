/** EtherTypes (IANA, IEEE 802 Numbers). */
export const etherType = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd, lldp: 0x88cc } as const

/** IP protocols (IANA, Protocol Numbers). */
export const protocol = { icmp: 1, tcp: 6, udp: 17, icmp6: 58, sctp: 132 } as const
