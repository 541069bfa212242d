import type { Change, Labels, Peer, PolicyRule, PortRange } from '../../src/model/rows.js'
import { addressGroup, policy } from '../support/policies.js'
import { put } from '../support/rows.js'
import { FakeCluster } from './support/fake-cluster.js'
import { type ClusterSize, largeCluster, tenantOfWorkload, workloadRows } from './support/large-cluster.js'
import { figure, report } from './support/report.js'
import { median, quantile, timeAsyncMs } from './support/statistics.js'

/** Policies to flows, from scratch and one change at a time, with four hosts whose switches are maps. */
const hosts = 4
const workloads = 5000
const changesOfEach = 30

await everyWorkload()
await manyTenants()
await largeGroup()

/** One tenant has all workloads; rules that concern each of them, one after the other. */
async function everyWorkload(): Promise<void> {
  const size = { hosts, workloads, workloadsPerTenant: workloads, gateways: 0 }
  const cluster = await started([...largeCluster(size)])
  const tcp = (n: number): readonly PortRange[] => [{ protocol: 'tcp', range: [1000 + n, 1000 + n] }]
  const grown = (list: readonly PolicyRule[]) => put('policy', policy('t0/all', 1, { ingress: [...list] }))
  const list: PolicyRule[] = []
  const open = mostFlows(cluster)
  const first = await settle(cluster, [grown([])])
  const base = mostFlows(cluster)
  const times: number[] = []
  for (let n = 0; n < 20; n++) {
    list.push({ index: n, position: n, ports: tcp(n), action: 'allow', log: false })
    times.push((await settle(cluster, [grown(list)])).ms)
  }
  const after = mostFlows(cluster)
  const labelled = await settle(cluster, [
    grown(list),
    put(
      'policy',
      policy('t0/labels', 2, {
        ingress: [
          { index: 0, position: 30, peers: [{ kind: 'workloads', select: {} }], action: 'allow', log: false },
        ],
      }),
    ),
  ])
  report(
    'policy-every-workload',
    `20 rules on each of ${workloads.toLocaleString('en')} workloads of a tenant`,
    {
      'flows per rule and host': figure((after - base) / 20, '', '<= 20, OVN 5,000'),
      'one rule': figure(median(times), 'ms', '< 20 ms'),
      'the first policy of the tenant': figure(first.ms, 'ms', '< 100 ms'),
      'processor time of it': figure(first.cpuMs, 'ms'),
      'flows of it per host': figure(base - open, ''),
      'the first rule with peers by label': figure(labelled.ms, 'ms'),
      'processor time of that': figure(labelled.cpuMs, 'ms'),
      'flows of that per host': figure(mostFlows(cluster) - after, ''),
    },
  )
}

/** 100 tenants of 50 workloads with 10 policies each, of 5 peers and 5 ports. */
async function manyTenants(): Promise<void> {
  const size = { hosts, workloads, workloadsPerTenant: 50, gateways: 0 }
  const rows = [...largeCluster(size)].filter(({ table }) => table !== 'workload')
  const cluster = await started([...rows, ...Array.from({ length: workloads }, (_, n) => labelled(n, size))])
  const open = mostFlows(cluster)
  const policies = Array.from({ length: workloads / 50 }, (_, t) =>
    Array.from({ length: 10 }, (_, p) => tenPolicies(t, p)),
  ).flat()
  const all = await settle(cluster, policies)
  const full = mostFlows(cluster)
  const labels: number[] = []
  const labelMods: number[] = []
  const edits: number[] = []
  const editMods: number[] = []
  for (let n = 0; n < changesOfEach; n++) {
    const relabelled = await settle(cluster, [labelled(n * 61, size, { role: `r${(n + 5) % 10}` })])
    labels.push(relabelled.ms)
    labelMods.push(relabelled.mods)
    const edited = await settle(cluster, [tenPolicies(n * 3, n % 10, 9000 + n)])
    edits.push(edited.ms)
    editMods.push(edited.mods)
  }
  report('policy-tenants', '100 tenants of 50 workloads, 10 policies each of 5 peers and 5 ports', {
    'all policies': figure(all.ms, 'ms'),
    'processor time of them': figure(all.cpuMs, 'ms'),
    'flows per host': figure(full - open, ''),
    'flows per policy and host': figure((full - open) / policies.length, ''),
    'one label': figure(median(labels), 'ms', '< 20 ms'),
    'one label p99': figure(quantile(labels, 0.99), 'ms'),
    'flow-mods of it on all hosts': figure(median(labelMods), ''),
    'one rule changed': figure(median(edits), 'ms', '< 20 ms, OVN 1,070 ms'),
    'one rule changed p99': figure(quantile(edits, 0.99), 'ms'),
    'flow-mods of the rule': figure(median(editMods), ''),
  })
}

/** A group of 10,000 addresses that 100 policies use. */
async function largeGroup(): Promise<void> {
  const size = { hosts, workloads, workloadsPerTenant: 50, gateways: 0 }
  const cluster = await started([...largeCluster(size)])
  const addresses = Array.from({ length: 10_000 }, (_, n) => `10.${n >> 14}.${(n >> 7) & 127}.${n & 127}/32`)
  const open = mostFlows(cluster)
  const group = (more: number) =>
    put(
      'addressGroup',
      addressGroup('office', [...addresses, ...Array.from({ length: more }, (_, n) => `11.0.0.${n}/32`)]),
    )
  const peers: readonly Peer[] = [{ kind: 'group', group: 'office' }]
  const policies = Array.from({ length: 100 }, (_, t) =>
    put(
      'policy',
      policy(`t${t}/office`, t + 1, {
        ingress: [{ index: 0, position: 0, peers, action: 'allow', log: false }],
      }),
    ),
  )
  const all = await settle(cluster, [group(0), ...policies])
  const full = mostFlows(cluster)
  const times: number[] = []
  const cpu: number[] = []
  const mods: number[] = []
  for (let n = 1; n <= changesOfEach; n++) {
    const more = await settle(cluster, [group(n)])
    times.push(more.ms)
    cpu.push(more.cpuMs)
    mods.push(more.mods)
  }
  report('policy-group', 'a group of 10,000 addresses that 100 policies use', {
    'group and policies': figure(all.ms, 'ms'),
    'processor time of both': figure(all.cpuMs, 'ms'),
    'flows per host': figure(full - open, ''),
    'one address more': figure(median(times), 'ms', '< 10 ms'),
    'processor time of one address': figure(median(cpu), 'ms'),
    'one address more p99': figure(quantile(times, 0.99), 'ms'),
    'flow-mods of it on all hosts': figure(median(mods), '', `${hosts}`),
  })
}

function labelled(n: number, size: ClusterSize, labels: Labels = { role: `r${n % 10}` }): Change {
  const [{ id, row }] = workloadRows(n, size)
  if (row === undefined || !('key' in row) || !('labels' in row)) throw new TypeError(`${id} is no workload`)
  return { table: 'workload', id, row: { ...row, labels } } as Change<'workload'>
}

/** The p-th policy of the t-th tenant. */
function tenPolicies(t: number, p: number, port = 80): Change {
  const id = `${tenantOfWorkload(t * 50, { hosts, workloads, workloadsPerTenant: 50, gateways: 0 })}/p${p}`
  const peers = Array.from(
    { length: 5 },
    (_, n): Peer => ({ kind: 'workloads', select: { role: `r${(p + n) % 10}` } }),
  )
  const ports = Array.from(
    { length: 5 },
    (_, n): PortRange => ({ protocol: 'tcp', range: [port + n, port + n] }),
  )
  const rule: PolicyRule = { index: 0, position: p, peers, ports, action: 'allow', log: false }
  return put('policy', policy(id, 1 + t * 10 + p, { select: { role: `r${p}` }, ingress: [rule] }))
}

async function started(rows: readonly Change[]): Promise<FakeCluster> {
  const cluster = new FakeCluster()
  await cluster.commit(rows)
  await cluster.connect()
  return cluster
}

/** Milliseconds until every switch has its flow-mods, those of the processor, and how many flow-mods there were. */
async function settle(
  cluster: FakeCluster,
  changes: readonly Change[],
): Promise<{ ms: number; cpuMs: number; mods: number }> {
  let mods = 0
  const before = process.cpuUsage()
  const ms = await timeAsyncMs(async () => {
    mods = await cluster.settle(changes)
  })
  const { user, system } = process.cpuUsage(before)
  return { ms, cpuMs: (user + system) / 1000, mods }
}

function mostFlows(cluster: FakeCluster): number {
  return Math.max(
    ...Array.from(cluster.model.rows('host'), ({ id }) => cluster.engine.desired(id)?.size ?? 0),
  )
}
