/** What the tunnels leave of the underlay's packet for the workloads. */
import type { Encapsulation } from '../../model/rows.js'

/**
 * Bytes between an IPv4 packet of the underlay and the IP packet of a workload in it: outer IPv4 20; GRE 8 with its key
 * (RFC 2890), or UDP 8 and VXLAN or Geneve 8 (RFC 7348, RFC 8926, without options); inner Ethernet 14.
 */
const overhead: Readonly<Record<Encapsulation, number>> = {
  gre: 20 + 8 + 14,
  vxlan: 20 + 8 + 8 + 14,
  geneve: 20 + 8 + 8 + 14,
}

/** What an IPv6 header has more than an IPv4 one. */
const outer6 = 20

export interface Underlay {
  readonly encapsulation: Encapsulation
  /** Of each host, the bytes of an IP packet that its underlay carries, and where its tunnels end. */
  readonly hosts: readonly { readonly underlayMtu: number; readonly tunnelIp: string }[]
}

/** Bytes of an IP packet that any workload can send to any other. */
export function workloadMtu({ encapsulation, hosts }: Underlay): number {
  const smallest = hosts.reduce((least, host) => Math.min(least, host.underlayMtu), 65_535)
  const underlay = hosts.length === 0 ? 1500 : smallest
  const more = hosts.some((host) => host.tunnelIp.includes(':')) ? outer6 : 0
  return underlay - overhead[encapsulation] - more
}
