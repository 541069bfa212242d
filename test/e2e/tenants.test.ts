import test from 'ava'
import { TestCluster } from './support/test-cluster.js'

const cluster = await TestCluster.start({ scenario: 'tenants-gre' })
test.after.always(() => cluster.stop())

test.serial('a tenant reaches its own, on this host and on the other, and the outside', async (t) => {
  for (const [from, to] of [
    ['usr1-1', '192.168.1.3'],
    ['usr1-2', '192.168.1.2'],
    ['usr2-1', '192.168.2.3'],
    ['usr1-1', '192.168.1.1'],
    ['usr1-1', '162.105.175.1'],
    ['usr2-2', '162.105.175.1'],
  ] as const)
    t.deepEqual(await cluster.ping(from, to), { sent: 3, received: 3 }, `${from} to ${to}`)
})

test.serial('nothing passes between tenants, and the drop says whose it is', async (t) => {
  for (const to of ['192.168.2.2', '192.168.2.3', '192.168.2.1']) {
    const drops = await cluster.drops(async () => t.is((await cluster.ping('usr1-1', to)).received, 0))
    t.true(
      drops.some(({ flow, packets }) => packets >= 3 && flow.source?.file?.endsWith('usr2.yaml')),
      JSON.stringify(drops),
    )
  }
})
