import { isIPv6 } from 'node:net'
import { isDomainName } from '../frames/domain-name.js'
import type { NetworkRow, WorkloadRow } from '../model/rows.js'
import type { Client } from './server.js'

/** What a workload gets by DHCPv6; undefined where its network hands out nothing, or nothing of IPv6. */
export function clientOf({ addresses }: WorkloadRow, { subnet6, dhcp }: NetworkRow): Client | undefined {
  if (subnet6 === undefined || !dhcp) return undefined
  return {
    addresses: addresses.filter(isIPv6),
    subnet6,
    dnsServers: dhcp.dns.filter(isIPv6),
    domains: [dhcp.domain].filter(isDomainName),
    leaseSeconds: dhcp.lease,
  }
}
