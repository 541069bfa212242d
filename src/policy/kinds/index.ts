/** Every kind of the language: its schema, and what the language knows but this version does not put in force. */
import type { z } from 'zod'
import { addressGroup } from './address-group.js'
import { bandwidth } from './bandwidth.js'
import { cluster } from './cluster.js'
import { egress } from './egress.js'
import { floatingIp } from './floating-ip.js'
import { gateway } from './gateway.js'
import { host } from './host.js'
import { lab } from './lab.js'
import { mirror } from './mirror.js'
import { network } from './network.js'
import { peering } from './peering.js'
import { policy } from './policy.js'
import { portForward } from './port-forward.js'
import { route } from './route.js'
import { service } from './service.js'
import { tenant } from './tenant.js'
import { workload } from './workload.js'

export const kinds = {
  Cluster: cluster,
  Host: host,
  Tenant: tenant,
  Network: network,
  Workload: workload,
  Policy: policy,
  AddressGroup: addressGroup,
  Gateway: gateway,
  Egress: egress,
  FloatingIp: floatingIp,
  PortForward: portForward,
  Peering: peering,
  Route: route,
  Bandwidth: bandwidth,
  Mirror: mirror,
  Service: service,
  Lab: lab,
} as const

export type KindName = keyof typeof kinds

/** The checked fields of each kind, with defaults filled in and addresses canonical. */
export type Fields = { readonly [K in KindName]: Readonly<z.output<(typeof kinds)[K]>> }

export const kindNames = Object.keys(kinds) as readonly KindName[]

export function isKind(name: string): name is KindName {
  return Object.hasOwn(kinds, name)
}
