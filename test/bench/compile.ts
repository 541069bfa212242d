import { removal } from '../../src/model/removal.js'
import { EventLoopDelay } from './support/event-loop.js'
import { FakeCluster } from './support/fake-cluster.js'
import { largeCluster, workloadRows } from './support/large-cluster.js'
import { usedBytes } from './support/memory.js'
import { figure, report } from './support/report.js'
import { median, quantile, timeAsyncMs } from './support/statistics.js'

/** Rows to flows for a large cluster, from scratch and one change at a time, with switches that are maps. */
const size = { hosts: 1000, workloads: 20_000, workloadsPerTenant: 10, gateways: 10 }
const changesOfEach = 300

const rows = [...largeCluster(size)]
const before = usedBytes()
const cluster = new FakeCluster()
const delay = new EventLoopDelay()
const cpu = process.cpuUsage()
const compileMs = await delay.during(() => timeAsyncMs(() => cluster.commit(rows)))
const { user, system } = process.cpuUsage(cpu)

const compiled = [...cluster.engine.units()].reduce((sum, { flows }) => sum + flows.length, 0)
const desired = Array.from(cluster.model.rows('host'), ({ id }) => cluster.engine.desired(id)?.size ?? 0)
const inForce = desired.reduce((sum, count) => sum + count, 0)
const modelled = usedBytes()
await cluster.connect()
const all = usedBytes()

report('compile', '1,000 hosts, 20,000 workloads from scratch', {
  'wall time': figure(compileMs / 1000, 's'),
  'processor time': figure((user + system) / 1e6, 's'),
  flows: figure(compiled, ''),
  'flows on all bridges': figure(inForce, ''),
  'per 100,000 flows': figure(compileMs / (compiled / 1e5) / 1000, 's', '< 1 s'),
  'per 100,000 on bridges': figure(compileMs / (inForce / 1e5) / 1000, 's'),
  'memory per installed flow': figure((all - before) / cluster.installed, 'bytes', '< 1,000'),
  'of it model and desired': figure((modelled - before) / cluster.installed, 'bytes'),
  'event loop held at most': figure(delay.longestMs, 'ms', '< 50 ms'),
})

const kinds = {
  added: (n: number) => workloadRows(size.workloads + n, size),
  moved: (n: number) => [
    { table: 'port' as const, id: `${hostNow(n)}/w${n}` },
    ...workloadRows(n, size, `h${(n * 31 + 1) % size.hosts}`),
  ],
  removed: (n: number) => workloadRows(size.workloads + n, size).map(removal),
}

for (const [kind, changes] of Object.entries(kinds)) {
  const times: number[] = []
  const mods: number[] = []
  for (let n = 0; n < changesOfEach; n++) {
    const change = changes(n)
    times.push(await timeAsyncMs(async () => mods.push(await cluster.settle(change))))
  }
  report(`compile-${kind}`, `one workload ${kind} among 20,000, until every switch has its flow-mods`, {
    median: figure(median(times), 'ms', '< 10 ms'),
    p99: figure(quantile(times, 0.99), 'ms'),
    'flow-mods': figure(median(mods), ''),
  })
}

function hostNow(n: number): string {
  const [, { id }] = workloadRows(n, size)
  return id.slice(0, id.indexOf('/'))
}
