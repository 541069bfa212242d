import type { AddressGroupRow, Change, PolicyRow, PolicyRule } from '../../src/model/rows.js'
import { put } from './rows.js'

/** A policy of a tenant, or of the cluster where the id has no slash; selects all and says nothing by itself. */
export function policy(id: string, number: number, more: Partial<PolicyRow> = {}): PolicyRow {
  const slash = id.indexOf('/')
  const owner = slash < 0 ? {} : { tenant: id.slice(0, slash) }
  const tier = slash < 0 ? 'admin' : 'tenant'
  return { id, ...owner, tier, number, select: {}, established: 'recheck', ...more }
}

/** Rules in the order of their list, allowing anyone where they do not say else; positions from `first` on. */
export function rules(first: number, ...list: readonly Partial<PolicyRule>[]): readonly PolicyRule[] {
  return list.map((more, index) => ({
    index,
    position: first + index,
    action: 'allow',
    log: false,
    ...more,
  }))
}

export function addressGroup(id: string, addresses: readonly string[]): AddressGroupRow {
  const slash = id.indexOf('/')
  return { id, addresses, ...(slash < 0 ? {} : { tenant: id.slice(0, slash) }) }
}

/** Policies of every tier for the two tenants of `twoTenants`, with every kind of peer. */
export const somePolicies: readonly Change[] = [
  put('addressGroup', addressGroup('bad', ['198.51.100.0/24', '2001:db8:bad::/48'])),
  put('addressGroup', addressGroup('b/office', ['192.0.2.0/24', '192.0.2.7/32', '2001:db8:9::7/128'])),
  put('addressGroup', addressGroup('b/printers', ['192.0.2.7/32'])),
  put(
    'policy',
    policy('guard', 1, {
      ingress: rules(
        0,
        { peers: [{ kind: 'group', group: 'bad' }], action: 'deny', log: true },
        { peers: [{ kind: 'cidr', cidr: '203.0.113.0/24', except: [] }], action: 'pass' },
      ),
      egress: rules(0, { peers: [{ kind: 'group', group: 'bad' }], action: 'deny' }),
    }),
  ),
  put(
    'policy',
    policy('floor', 2, {
      tier: 'baseline',
      ingress: rules(0, { ports: [{ protocol: 'tcp', range: [23, 23] }], action: 'deny' }),
      egress: rules(0, { ports: [{ protocol: 'udp', range: [69, 69] }], action: 'reject' }),
    }),
  ),
  put(
    'policy',
    policy('b/web', 3, {
      select: { role: 'web' },
      ingress: rules(
        0,
        {
          peers: [
            { kind: 'workloads', select: { role: { in: ['web', 'client'] } } },
            { kind: 'workloads', tenant: 'a', select: {} },
            { kind: 'network', network: 'b/dmz' },
            { kind: 'cidr', cidr: '10.0.0.0/8', except: ['10.128.0.0/9'] },
          ],
          ports: [
            { protocol: 'tcp', range: [80, 80] },
            { protocol: 'tcp', range: [8000, 8009] },
            { protocol: 'icmp', range: [8, 8] },
          ],
          log: true,
        },
        { peers: [{ kind: 'group', group: 'b/office' }], ports: [{ protocol: 'sctp' }], action: 'reject' },
      ),
    }),
  ),
  put(
    'policy',
    policy('b/out', 4, {
      established: 'keep',
      egress: rules(
        0,
        { ports: [{ protocol: 'udp', range: [53, 53] }, { protocol: 'icmp6' }] },
        { peers: [{ kind: 'workloads', select: { role: 'web' } }] },
        { peers: [{ kind: 'group', group: 'b/printers' }] },
        { peers: [{ kind: 'cidr', cidr: '::/0', except: [] }], action: 'deny' },
      ),
    }),
  ),
]
