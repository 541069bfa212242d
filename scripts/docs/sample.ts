import { outerEngine } from '../../src/controller/outer-bridges.js'
import { decodeFlow } from '../../src/controller/views/flow-views.js'
import { formatActions, formatMatch } from '../../src/openflow/flow.js'
import { Cluster, hostAddress, limits, mirrors, twoTenants } from '../../test/support/cluster.js'
import { somePolicies } from '../../test/support/policies.js'
import { put, route, service } from '../../test/support/rows.js'

/** A flow of the sample cluster. */
export interface SampleFlow {
  readonly host: string
  /** `table/rule/row`. */
  readonly unit: string
  /** As Open vSwitch writes it, without counters. */
  readonly text: string
}

/** Every flow that the tests' two tenants come to, once they peer and have policies, routes and a service. */
export function sampleFlows(): readonly SampleFlow[] {
  const cluster = new Cluster().commit(
    ...twoTenants,
    ...limits,
    ...mirrors,
    put('peering', { id: 'a/b', tenant: 'a', peer: 'b' }),
    put('peering', { id: 'b/a', tenant: 'b', peer: 'a', networks: ['lan'] }),
    ...somePolicies,
    put('route', route('b/branch', 21, '10.50.0.0/16', { via: ['b/far'] })),
    put(
      'service',
      service('b/web', 30, {
        ports: [
          { protocol: 'tcp', range: [80, 80] },
          { protocol: 'tcp', range: [443, 443], target: 8443 },
        ],
      }),
    ),
    put('route', route('b/nowhere', 22, '10.50.9.0/24', { select: { role: 'client' } })),
  )
  return ['h1', 'h2'].flatMap((host) => textsOf(cluster, host))
}

/** Likewise the flows on the bridge of an operator, where the gateway has its host's address. */
export function outerSampleFlows(): readonly SampleFlow[] {
  return textsOf(new Cluster(outerEngine).commit(...twoTenants, ...hostAddress), 'h1/br-ex')
}

function textsOf(cluster: Cluster, host: string): readonly SampleFlow[] {
  return cluster.flows(host).map(([key, content, unit]) => {
    const { priority, match, actions } = decodeFlow(key, content)
    const conditions = [`priority=${priority}`, formatMatch(match)].filter((part) => part !== '').join(',')
    return { host, unit, text: `${conditions} actions=${formatActions(actions)}` }
  })
}
