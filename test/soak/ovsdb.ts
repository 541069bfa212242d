import { OvsdbServer } from '../ovsdb/support/ovsdb-server.js'
import { type SoakOptions, soak } from '../ovsdb/support/soak.js'

/**
 * The replica under random transactions, changing conditions and breaking connections, over all three monitor methods,
 * the last with a standalone and with a clustered database.
 * Arguments: transactions for each (10,000), seed (the time).
 */
const transactions = Number(process.argv[2] ?? 10_000)
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31)

const plan: readonly (readonly [SoakOptions['method'], () => Promise<OvsdbServer>])[] = [
  ['monitor', () => OvsdbServer.start()],
  ['monitor_cond', () => OvsdbServer.start()],
  ['monitor_cond_since', () => OvsdbServer.start()],
  ['monitor_cond_since', () => OvsdbServer.startCluster()],
]
for (const [method, start] of plan) {
  const server = await start()
  const begin = performance.now()
  try {
    if (method === 'monitor') await server.control('ovsdb-server/disable-monitor-cond')
    const result = await soak({ server, method, transactions, seed })
    const seconds = Math.round((performance.now() - begin) / 1000)
    console.log(JSON.stringify({ soak: 'ovsdb', method, transactions, seed, ...result, seconds }))
  } finally {
    await server.stop()
  }
}
