import { parseAddress } from './address.js'
import { isStationOf } from './kinds/rule.js'
import type { PolicyObject } from './object.js'
import { objectId } from './object.js'

/** The ports that connections of workloads take of a host's own address where its gateway does not say. */
export const defaultPorts = [61_440, 65_535] as const

/**
 * The addresses of a gateway with `address: host`, by host: the first of the host's which is in the gateway's subnet, of
 * `addresses`, `tunnelIp` and that of `ovsdb`. Hosts that have none are left out. Undefined for other gateways.
 */
export function hostAddressesOf(
  { address, subnet, hosts }: PolicyObject<'Gateway'>['fields'],
  find: (id: string) => PolicyObject<'Host'> | undefined,
): Readonly<Record<string, string>> | undefined {
  if (address !== 'host' || subnet === undefined) return undefined
  const known = hosts.flatMap((name) => {
    const host = find(objectId('Host', name))
    const found = host && ownAddresses(host).find((own) => isStationOf(subnet, parseAddress(own)))
    return found === undefined ? [] : [[name, found] as const]
  })
  return Object.fromEntries(known)
}

/** The addresses that a host is known to have. */
function ownAddresses({
  fields: { addresses = [], tunnelIp, ovsdb },
}: PolicyObject<'Host'>): readonly string[] {
  const endpoint = /^(?:tcp|ssl):([^[\]:]+):\d+$/.exec(ovsdb)?.[1]
  return [...addresses, tunnelIp, ...(endpoint === undefined ? [] : [endpoint])]
}
