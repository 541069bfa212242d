import { parseAddress } from './address.js'
import { isStationOf } from './kinds/rule.js'
import type { PolicyObject } from './object.js'
import { objectId } from './object.js'

/** The ports that connections of workloads take of a host's own address where its gateway does not say. */
export const defaultPorts = [61_440, 65_535] as const

/**
 * The IPv4 address of a gateway outside. With `address: host` that is the first of its host's addresses which is in the
 * gateway's subnet: `addresses`, `tunnelIp`, that of `ovsdb`. Undefined where there is none.
 */
export function gatewayAddress(
  { address, subnet, hosts }: PolicyObject<'Gateway'>['fields'],
  find: (id: string) => PolicyObject<'Host'> | undefined,
): string | undefined {
  if (address !== 'host') return address
  const [name] = hosts
  const host = name === undefined ? undefined : find(objectId('Host', name))
  if (subnet === undefined || !host) return undefined
  return ownAddresses(host).find((own) => isStationOf(subnet, parseAddress(own)))
}

/** The addresses that a host is known to have. */
function ownAddresses({
  fields: { addresses = [], tunnelIp, ovsdb },
}: PolicyObject<'Host'>): readonly string[] {
  const endpoint = /^(?:tcp|ssl):([^[\]:]+):\d+$/.exec(ovsdb)?.[1]
  return [...addresses, tunnelIp, ...(endpoint === undefined ? [] : [endpoint])]
}
