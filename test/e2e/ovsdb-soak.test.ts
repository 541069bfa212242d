import test from 'ava'
import { OvsdbServer } from '../ovsdb/support/ovsdb-server.js'
import { soak } from '../ovsdb/support/soak.js'

for (const [method, kind] of [
  ['monitor', 'standalone'],
  ['monitor_cond', 'standalone'],
  ['monitor_cond_since', 'standalone'],
  ['monitor_cond_since', 'clustered'],
] as const) {
  test(`replicas equal select, with ${method} of a ${kind} database, while connections break and conditions change`, async (t) => {
    const server = await (kind === 'clustered' ? OvsdbServer.startCluster() : OvsdbServer.start())
    t.teardown(() => server.stop())
    if (method === 'monitor') await server.control('ovsdb-server/disable-monitor-cond')
    const result = await soak({ server, method, transactions: 200, seed: 7047 })
    t.true(result.applied > 100, `${result.applied} applied`)
    t.true(result.reconnections > 3, `${result.reconnections} reconnections`)
    t.true(result.lostInFlight > 0, `${result.lostInFlight} lost in flight`)
    t.true(method === 'monitor' || result.conditionChanges > 5, `${result.conditionChanges} changes`)
  })
}
