import type { Change } from '../../../src/model/rows.js'
import { egress, gateway, host, network, port, put, tenant, workload } from '../../support/rows.js'

export interface ClusterSize {
  readonly hosts: number
  readonly workloads: number
  readonly workloadsPerTenant: number
  /** Gateways, each on a host of its own; the tenants are spread over them. 0: nobody goes out. */
  readonly gateways: number
}

const hostId = (n: number) => `h${n}`
const tenantId = (n: number) => `t${n}`
const gatewayId = (n: number) => `g${n}`

/** Step from a workload's host to the next one's: prime to any number of hosts, so that a tenant sits on many. */
const stride = 7919

/** The host that the n-th workload runs on. */
export function hostOfWorkload(n: number, { hosts }: ClusterSize): string {
  return hostId((n * stride) % hosts)
}

/** The tenant of the n-th workload; those beyond the size come to the tenants that are there, one after the other. */
export function tenantOfWorkload(n: number, { workloads, workloadsPerTenant }: ClusterSize): string {
  return tenantId(Math.floor((n % workloads) / workloadsPerTenant))
}

/** The rows of the n-th workload, and of the port that it is plugged into. */
export function workloadRows(
  n: number,
  size: ClusterSize,
  on = hostOfWorkload(n, size),
): readonly [Change, Change] {
  const id = `${tenantOfWorkload(n, size)}/w${n}`
  const key = n + 1
  const low = key.toString(16).padStart(8, '0').match(/../g) ?? []
  const row = workload(id, `${tenantOfWorkload(n, size)}/lan`, key, {
    mac: ['0a', '00', ...low].join(':'),
    addresses: [`192.168.${(n >> 8) & 0xff}.${n & 0xff}`],
  })
  return [put('workload', row), put('port', port(on, `w${n}`, id, key))]
}

/** A cluster of any size, as the rows of its files and what its hosts report. */
export function* largeCluster(size: ClusterSize): Generator<Change> {
  yield put('cluster', { id: 'cluster', name: 'large', encapsulation: 'geneve' })
  for (let n = 0; n < size.hosts; n++) {
    yield put('host', host(hostId(n), 0, { tunnelIp: `10.${n >> 8}.${n & 0xff}.1` }))
    const uplinks = n < size.gateways ? { [gatewayId(n)]: 60_001 } : {}
    yield put('bridge', { id: hostId(n), tunnelPort: 60_000, uplinks })
  }
  const tenants = Math.ceil(size.workloads / size.workloadsPerTenant)
  for (let n = 0; n < size.gateways; n++)
    yield put('gateway', gateway(gatewayId(n), tenants + n + 1, { key: 0x10000000 + n, hosts: [hostId(n)] }))
  for (let n = 0; n < tenants; n++) {
    const id = tenantId(n)
    yield put('tenant', tenant(id, n + 1))
    yield put(
      'network',
      network(`${id}/lan`, n + 1, { subnet: '192.168.0.0/16', gateway: '192.168.255.254' }),
    )
    if (size.gateways > 0)
      yield put('egress', egress(`${id}/internet`, n + 1, { gateway: gatewayId(n % size.gateways) }))
  }
  for (let n = 0; n < size.workloads; n++) yield* workloadRows(n, size)
}
