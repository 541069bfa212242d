import { isIPv6 } from 'node:net'
import { isDomainName } from '../frames/domain-name.js'
import { isAdvertised } from '../model/advertising.js'
import { domainOf } from '../model/domain-names.js'
import { isAutonomous } from '../model/interface-identifier.js'
import type { NetworkRow, WorkloadRow } from '../model/rows.js'
import { type Advertisement, longestLifetime } from './advertisement.js'

/**
 * What a workload is told, undefined where it hears of no router, or of another one. It has the addresses that the files give it and no
 * others, so it is told to form one by itself only where that is one of them, and to ask for the others.
 * @param mac its own, or another that it may use: that one forms what is allowed with it, and gets nothing by DHCPv6
 */
export function advertisementFor(
  network: NetworkRow,
  workload: WorkloadRow,
  mac = workload.mac,
): Advertisement | undefined {
  const { subnet6, dhcp, routed, gateway6, mtu } = network
  if (subnet6 === undefined || !isAdvertised(network)) return undefined
  const own = mac === workload.mac ? workload.addresses.filter((address) => isIPv6(address)) : []
  const isFormed = (address: string) => isAutonomous(address, mac, subnet6)
  const allowed = (workload.allowed ?? []).filter((each) => each.mac === mac).map(({ ip }) => ip)
  const router = routed && gateway6 !== undefined ? [gateway6] : []
  return {
    isManaged: dhcp !== undefined && !own.every(isFormed),
    hasOther: dhcp !== undefined,
    routerLifetime: routed ? longestLifetime : 0,
    subnet6,
    isAutonomous: [...own, ...allowed.filter((ip) => isIPv6(ip))].some(isFormed),
    mtu,
    dnsServers: dhcp ? dhcp.dns.filter((server) => isIPv6(server)) : router,
    domains: [dhcp ? dhcp.domain : domainOf(network)].filter(isDomainName),
  }
}
