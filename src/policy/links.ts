/** How objects hang together: what each refers to, and what it alone may have. */
import type { PolicyErrorCode } from './codes.js'
import type { AnyObject, ByKind } from './object.js'
import { describe, dispatch, objectId, resolveReference } from './object.js'
import { policyReferences } from './policy-references.js'
import type { Reference } from './reference.js'
import type { Path } from './yaml.js'

/** Something that only one object may have. */
export interface Claim {
  /** Two objects with the same key are in conflict. */
  readonly key: string
  readonly path: Path
  readonly code: PolicyErrorCode
  /** What is claimed, to begin a message with. */
  readonly what: string
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
    ],
  }),
  Tenant: () => nothing,
  Network: ({ fields: { tenant, vni } }) => ({
    ...nothing,
    references: [tenantOf(tenant)],
    claims:
      vni === undefined
        ? []
        : [{ key: `vni ${vni}`, path: ['vni'], code: 'duplicate-vni', what: `vni ${vni}` }],
    topics: [networksOf(tenant)],
  }),
  Workload: ({ fields }) => {
    const network = resolveReference(fields.tenant, fields.network)
    const iface = fields.interface ?? `${fields.tenant}/${fields.name}`
    const claims: Claim[] = [
      {
        key: `interface ${iface}`,
        path: ['interface'],
        code: 'duplicate-interface',
        what: `interface ${iface}`,
      },
    ]
    if (fields.mac !== undefined) {
      const what = `mac ${fields.mac}`
      claims.push({ key: `${what} of ${network}`, path: ['mac'], code: 'duplicate-mac', what })
    }
    for (const [index, ip] of (fields.ip ?? []).entries()) {
      const what = `ip ${ip}`
      claims.push({ key: `${what} of ${network}`, path: ['ip', index], code: 'duplicate-address', what })
    }
    const id = objectId('Network', network)
    return { ...nothing, references: [tenantOf(fields.tenant), { id, path: ['network'] }], claims }
  },
  Policy: ({ fields }) => ({ ...nothing, references: [...policyReferences(fields)] }),
  AddressGroup: ({ fields: { tenant } }) => ({
    ...nothing,
    references: tenant === undefined ? [] : [tenantOf(tenant)],
  }),
  Gateway: ({ fields }) => {
    const claims = (['address', 'address6'] as const).flatMap((field): Claim[] => {
      const what = `${field} ${fields[field]}`
      const key = `outside ${fields[field]} at ${fields.vlan ?? 'untagged'}`
      return fields[field] === undefined ? [] : [{ key, path: [field], code: 'duplicate-address', what }]
    })
    const references = fields.hosts.map((host, index) => ({
      id: objectId('Host', host),
      path: ['hosts', index],
    }))
    return { ...nothing, references, claims }
  },
  Egress: ({ fields }) => ({
    ...nothing,
    references: [tenantOf(fields.tenant), { id: objectId('Gateway', fields.gateway), path: ['gateway'] }],
  }),
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
  Bandwidth: ({ fields }) => ({ ...nothing, references: [tenantOf(fields.tenant)] }),
  Lab: () => nothing,
}

/** Links of an object; every object claims its own id. */
export function linksOf(object: AnyObject): Links {
  const found = dispatch(links, object)
  const what = describe(object.id)
  const identity: Claim = { key: object.id, path: ['name'], code: 'duplicate-object', what }
  return { ...found, claims: [identity, ...found.claims] }
}
