import { isIPv6 } from 'node:net'
import { isDomainName } from '../frames/domain-name.js'
import { domainOf } from '../model/domain-names.js'
import { isAutonomous } from '../model/interface-identifier.js'
import type { NetworkRow, WorkloadRow } from '../model/rows.js'
import { type Advertisement, longestLifetime } from './advertisement.js'

/**
 * What a workload is told, undefined in a network without IPv6. It has the addresses that the files give it and no
 * others, so it is told to form one by itself only where that is one of them, and to ask for the others.
 */
export function advertisementFor(network: NetworkRow, workload: WorkloadRow): Advertisement | undefined {
  const { subnet6, dhcp, routed, gateway6, mtu } = network
  if (subnet6 === undefined) return undefined
  const addresses = workload.addresses.filter(isIPv6)
  const formed = addresses.filter((address) => isAutonomous(address, workload.mac, subnet6))
  const router = routed && gateway6 !== undefined ? [gateway6] : []
  return {
    isManaged: dhcp !== undefined && addresses.length > formed.length,
    hasOther: dhcp !== undefined,
    routerLifetime: routed ? longestLifetime : 0,
    subnet6,
    isAutonomous: formed.length > 0,
    mtu,
    dnsServers: dhcp ? dhcp.dns.filter(isIPv6) : router,
    domains: [dhcp ? dhcp.domain : domainOf(network)].filter(isDomainName),
  }
}
