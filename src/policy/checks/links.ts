/** How objects hang together: what each refers to, and what it alone may have. */
import type { PolicyErrorCode } from '../codes.js'
import type { Fields } from '../kinds/index.js'
import type { AnyObject, ByKind } from '../object.js'
import { describe, dispatch, objectId, resolveReference } from '../object.js'
import type { Path } from '../text/yaml.js'
import { policyReferences } from './policy-references.js'
import type { Reference } from './reference.js'
import { routeReferences } from './route-checks.js'

/** Something that only one object may have. */
export interface Claim {
  /** Two objects with the same key are in conflict. */
  readonly key: string
  readonly path: Path
  readonly code: PolicyErrorCode
  /** What is claimed, to begin a message with. */
  readonly what: string
  /** Claims of the same use do not exclude each other. */
  readonly use?: string
  /** The gateway on whose wire it is claimed: on different wires there may be two. */
  readonly gateway?: string
}

export interface Links {
  readonly references: readonly Reference[]
  readonly claims: readonly Claim[]
  /** Topics that this object is part of, besides its own id. */
  readonly topics: readonly string[]
}

/** Topic of all networks of a tenant. */
export function networksOf(tenant: string): string {
  return `networks/${tenant}`
}

/** Topic of all peerings that a tenant has. */
export function peeringsOf(tenant: string): string {
  return `peerings/${tenant}`
}

/** Topic of all routes of a tenant. */
export function routesOf(tenant: string): string {
  return `routes/${tenant}`
}

/** Topic of all services of a tenant. */
export function servicesOf(tenant: string): string {
  return `services/${tenant}`
}

/** Topic of all workloads of a tenant that may use addresses beside their own. */
export function allowancesOf(tenant: string): string {
  return `allowances/${tenant}`
}

const nothing: Links = { references: [], claims: [], topics: [] }

const tenantOf = (tenant: string): Reference => ({ id: objectId('Tenant', tenant), path: ['tenant'] })

const links: ByKind<Links> = {
  Cluster: () => ({
    ...nothing,
    claims: [{ key: 'cluster', path: ['kind'], code: 'duplicate-object', what: 'kind Cluster' }],
  }),
  Host: ({ fields }) => ({
    ...nothing,
    claims: [
      {
        key: `tunnelIp ${fields.tunnelIp}`,
        path: ['tunnelIp'],
        code: 'duplicate-address',
        what: `tunnelIp ${fields.tunnelIp}`,
      },
      // Each would take away what the other has made there.
      {
        key: `ovsdb ${fields.ovsdb}`,
        path: ['ovsdb'],
        code: 'duplicate-address',
        what: `ovsdb ${fields.ovsdb}`,
      },
    ],
  }),
  Tenant: () => nothing,
  Network: ({ fields: { tenant, vni, vlan } }) => ({
    ...nothing,
    references: [tenantOf(tenant)],
    claims: [
      ...(vni === undefined
        ? []
        : [{ key: `vni ${vni}`, path: ['vni'], code: 'duplicate-vni', what: `vni ${vni}` } as const]),
      ...(vlan === undefined ? [] : [vlanClaim(vlan)]),
    ],
    topics: [networksOf(tenant)],
  }),
  Workload: ({ fields }) => {
    const network = resolveReference(fields.tenant, fields.network)
    const claims: Claim[] = [bindingOf(fields)]
    if (fields.mac !== undefined) {
      const what = `mac ${fields.mac}`
      claims.push({ key: `${what} of ${network}`, path: ['mac'], code: 'duplicate-mac', what })
    }
    for (const [index, ip] of (fields.ip ?? []).entries()) {
      const what = `ip ${ip}`
      claims.push({ key: `${what} of ${network}`, path: ['ip', index], code: 'duplicate-address', what })
      claims.push({ ...insideAddress(fields.tenant, ip, ['ip', index]), use: 'workload' })
    }
    for (const [index, { mac }] of (fields.allowed ?? []).entries()) {
      if (mac === undefined) continue
      const what = `mac ${mac}`
      const path = ['allowed', index, 'mac']
      claims.push({ key: `${what} of ${network}`, path, code: 'duplicate-mac', what, use: 'allowed' })
    }
    const id = objectId('Network', network)
    const references = [tenantOf(fields.tenant), { id, path: ['network'] }, ...parentOf(fields)]
    return { references, claims, topics: fields.allowed ? [allowancesOf(fields.tenant)] : [] }
  },
  Policy: ({ fields }) => ({ ...nothing, references: [...policyReferences(fields)] }),
  AddressGroup: ({ fields: { tenant } }) => ({
    ...nothing,
    references: tenant === undefined ? [] : [tenantOf(tenant)],
  }),
  Gateway: ({ fields }) => {
    const { name, pool = [] } = fields
    const claims: Claim[] = pool.map((address, index) =>
      outsideAddress(name, address, ['pool', index], sharedAt(name)),
    )
    for (const family of ['', '6'] as const) {
      const [address, nextHop] = [fields[`address${family}`], fields[`nextHop${family}`]]
      if (address === 'host')
        for (const host of fields.hosts) {
          const what = `the address of host ${host} in ${fields.subnet}`
          claims.push({ key: what, path: ['address'], code: 'duplicate-address', what })
        }
      else if (address !== undefined)
        claims.push(outsideAddress(name, address, [`address${family}`], sharedAt(name)))
      if (nextHop !== undefined) claims.push(outsideAddress(name, nextHop, [`nextHop${family}`], 'next hop'))
    }
    const references = fields.hosts.map((host, index) => ({
      id: objectId('Host', host),
      path: ['hosts', index],
    }))
    return { ...nothing, references, claims }
  },
  Egress: ({ fields: { tenant, gateway, address } }) => ({
    ...nothing,
    references: [tenantOf(tenant), gatewayNamed(gateway)],
    claims: address === undefined ? [] : [outsideAddress(gateway, address, ['address'], sharedAt(gateway))],
  }),
  FloatingIp: ({ fields: { tenant, workload, gateway, address } }) => {
    const id = resolveReference(tenant, workload)
    const version = address.includes(':') ? 6 : 4
    return {
      ...nothing,
      references: [
        tenantOf(tenant),
        { id: objectId('Workload', id), path: ['workload'] },
        gatewayNamed(gateway),
      ],
      claims: [
        outsideAddress(gateway, address, ['address']),
        {
          key: `way out ${version} of ${id}`,
          path: ['gateway'],
          code: 'two-gateways',
          what: `workload ${id}, by another gateway,`,
          use: gateway,
        },
      ],
    }
  },
  PortForward: ({ fields: { tenant, gateway, address, port, to } }) => {
    const what = `port ${port.protocol}/${port.port} of ${address}`
    const ofHost = address === 'host'
    return {
      ...nothing,
      references: [
        tenantOf(tenant),
        { id: objectId('Workload', tenant, to.workload), path: ['to'] },
        gatewayNamed(gateway),
      ],
      claims: [
        ...(ofHost ? [] : [outsideAddress(gateway, address, ['address'], sharedAt(gateway))]),
        {
          key: ofHost ? `${what} at ${gateway}` : what,
          path: ['port'],
          code: 'duplicate-port',
          what,
          gateway,
        },
      ],
    }
  },
  Peering: ({ fields: { tenant, peer, networks = [] } }) => ({
    ...nothing,
    references: [
      tenantOf(tenant),
      { id: objectId('Tenant', peer), path: ['peer'] },
      ...networks.map((network, index) => ({
        id: objectId('Network', resolveReference(tenant, network)),
        path: ['networks', index],
      })),
    ],
    topics: [peeringsOf(tenant)],
  }),
  Route: ({ fields }) => {
    const { tenant, to, select } = fields
    const what = `route to ${to}`
    return {
      references: [tenantOf(tenant), ...routeReferences(fields)],
      claims:
        select === undefined
          ? [{ key: `${what} of ${tenant}`, path: ['to'], code: 'duplicate-route', what }]
          : [],
      topics: [routesOf(tenant)],
    }
  },
  Bandwidth: ({ fields }) => ({ ...nothing, references: [tenantOf(fields.tenant)] }),
  Mirror: ({ fields: { tenant, to } }) => ({
    ...nothing,
    references: [tenantOf(tenant), { id: objectId('Workload', resolveReference(tenant, to)), path: ['to'] }],
  }),
  Service: ({ fields: { tenant, address } }) => ({
    references: [tenantOf(tenant)],
    claims: address.map((each, index) => insideAddress(tenant, each, ['address', index])),
    topics: [servicesOf(tenant)],
  }),
  Lab: () => nothing,
}

/** What binds a workload to a port: an iface-id, or a tag on another's interface. */
function bindingOf({
  tenant,
  name,
  interface: iface = `${tenant}/${name}`,
  parent,
  tag,
}: Fields['Workload']): Claim {
  if (parent === undefined) {
    const what = `interface ${iface}`
    return { key: what, path: ['interface'], code: 'duplicate-interface', what }
  }
  const what = `tag ${tag} of workload ${resolveReference(tenant, parent)}`
  return { key: what, path: ['tag'], code: 'duplicate-tag', what }
}

function parentOf({ tenant, parent }: Fields['Workload']): Reference[] {
  if (parent === undefined) return []
  return [{ id: objectId('Workload', resolveReference(tenant, parent)), path: ['parent'] }]
}

function vlanClaim({ bridge, tag }: { readonly bridge: string; readonly tag: number }): Claim {
  const what = `vlan ${tag} of bridge ${bridge}`
  return { key: what, path: ['vlan', 'tag'], code: 'duplicate-tag', what }
}

function gatewayNamed(gateway: string): Reference {
  return { id: objectId('Gateway', gateway), path: ['gateway'] }
}

/** An address among those of a tenant, in whichever network. */
function insideAddress(tenant: string, address: string, path: Path): Claim {
  const what = `${String(path[0])} ${address}`
  return { key: `address ${address} of tenant ${tenant}`, path, code: 'duplicate-address', what }
}

/** Use of an address outside by translations of one gateway, which may share it. */
function sharedAt(gateway: string): string {
  return `translations of gateway ${gateway}`
}

/** @param use undefined: nobody else may have it */
function outsideAddress(gateway: string, address: string, path: Path, use?: string): Claim {
  const [field] = path
  const what = `${String(field)} ${address}`
  const claim: Claim = { key: `outside ${address}`, path, code: 'duplicate-address', what, gateway }
  return use === undefined ? claim : { ...claim, use }
}

/** Links of an object; every object claims its own id. */
export function linksOf(object: AnyObject): Links {
  const found = dispatch(links, object)
  const what = describe(object.id)
  const identity: Claim = { key: object.id, path: ['name'], code: 'duplicate-object', what }
  return { ...found, claims: [identity, ...found.claims] }
}
