import test from 'ava'
import { capture } from './support/capture.js'
import { dial, echo } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'

/** Both tenants have the subnet 192.168.1.0/24, and in it the same addresses. */
const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  edit: (files) => files.edit('usr2.yaml', /192\.168\.2\./g, '192.168.1.'),
})
cluster.belongTo(test)

const tenants = ['usr1', 'usr2']
const outside = '162.105.175.1'

test.serial('each address is its own tenant', async (t) => {
  for (const [own, other] of [tenants, tenants.toReversed()]) {
    const right = await capture(cluster.lab, `${own}-2`, 'icmp or arp')
    const wrong = await Promise.all([1, 2].map((n) => capture(cluster.lab, `${other}-${n}`, 'icmp or arp')))
    t.deepEqual(await cluster.ping(`${own}-1`, '192.168.1.3'), { sent: 3, received: 3 })
    await right.line(/echo request/)
    await right.stop()
    for (const each of wrong) t.deepEqual(await each.stop(), [])
  }
})

test.serial('connections with the same addresses and ports get their own answers', async (t) => {
  const server = await echo(cluster.lab, 'outside', 7000)
  t.teardown(() => server.stop())
  const clients = await Promise.all(
    tenants.map((tenant) => dial(cluster.lab, `${tenant}-1`, outside, 7000, 5000)),
  )
  t.teardown(() => Promise.all(clients.map((client) => client.stop())))
  for (let round = 1; round <= 3; round++)
    for (const [i, tenant] of tenants.entries()) clients[i]?.write(`${tenant} ${round}\n`)
  for (const [i, tenant] of tenants.entries()) {
    await clients[i]?.line(/3$/)
    t.deepEqual(clients[i]?.lines, ['connected', `${tenant} 1`, `${tenant} 2`, `${tenant} 3`])
  }
  const peers = server.lines.filter((line) => line.startsWith('from'))
  t.is(new Set(peers).size, 2, peers.join('\n'))
  t.true(
    peers.every((line) => line.startsWith('from 162.105.175.70 ')),
    peers.join('\n'),
  )
})
