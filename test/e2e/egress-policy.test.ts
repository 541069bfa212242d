/** Scenario S8: two exits, chosen by source. */
import test from 'ava'
import { until } from './support/open-vswitch.js'
import { dial, echo } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'
import { Pinging } from './support/traffic.js'

const cluster = await TestCluster.start({ scenario: 'egress-policy' })
test.after.always(() => cluster.stop())
const { lab } = cluster
const outside = '162.105.175.1'
const [first, second] = ['162.105.175.70', '162.105.175.80']
let port = 9000

/** The address that a server outside sees of a new connection. */
async function seenAs(name: string): Promise<string | undefined> {
  port++
  const server = await echo(lab, 'outside', port)
  try {
    const client = await dial(lab, name, outside, port)
    await client.finish()
    return (await server.line(/^from/)).split(' ')[1]
  } finally {
    await server.stop()
  }
}

test.before('both gateways have a host that answers', () =>
  until('the outside', async () => {
    const pings = await Promise.all(['p1', 'p2'].map((name) => cluster.ping(name, outside, 1)))
    return pings.every(({ received }) => received === 1)
  }),
)

test.serial('each is seen outside with its own gateway', async (t) => {
  t.is(await seenAs('p1'), first)
  t.is(await seenAs('p2'), second)
  for (const name of ['p1', 'p2'])
    t.deepEqual(await cluster.ping(name, outside), { sent: 3, received: 3 }, name)
})

test.serial('a change of the file moves new connections within a second', async (t) => {
  cluster.edit('usr1.yaml', 'labels: {exit: first}', 'labels: {exit: second}')
  const start = performance.now()
  await cluster.converge()
  t.true(performance.now() - start < 1000)
  t.is(await seenAs('p1'), second)
  t.is(await seenAs('p2'), second)
  cluster.edit('usr1.yaml', 'labels: {exit: second}', 'labels: {exit: first}')
  await cluster.converge()
  t.is(await seenAs('p1'), first)
})

test.serial(
  'an egress may name an address of its own, and one without labels is for all others',
  async (t) => {
    cluster.write(
      'more.yaml',
      'kind: Egress\ntenant: usr1\nname: rest\ngateway: first\naddress: 162.105.175.71\n',
    )
    cluster.edit('usr1.yaml', 'labels: {exit: second}', 'labels: {exit: third}')
    await cluster.converge()
    t.is(await seenAs('p1'), first)
    t.is(await seenAs('p2'), '162.105.175.71')
    t.deepEqual(await cluster.ping('outside', '162.105.175.71'), { sent: 3, received: 3 })
    cluster.remove('more.yaml')
    await cluster.converge()
    t.is((await cluster.ping('p2', outside, 1)).received, 0, 'who is selected by no egress does not leave')
    t.is((await cluster.ping('outside', '162.105.175.71', 1)).received, 0)
  },
)

test.serial(
  'a forward at a gateway that its workload does not leave by is answered by that gateway',
  async (t) => {
    cluster.write(
      'more.yaml',
      'kind: PortForward\ntenant: usr1\nname: web\naddress: 162.105.175.80\nport: tcp/80\nto: p1:8080\ngateway: second\n',
    )
    await cluster.converge()
    const server = await echo(lab, 'p1', 8080)
    const client = await dial(lab, 'outside', second, 80)
    client.write('hello\n')
    await client.line(/hello/)
    await client.finish()
    t.true((await server.stop()).some((line) => line.startsWith(`from ${outside} `)))
    t.is(await seenAs('p1'), first)
    cluster.remove('more.yaml')
    await cluster.converge()
  },
)

test.serial(
  'when the host of a gateway dies, its workloads leave by the next, others notice nothing',
  async (t) => {
    cluster.edit('usr1.yaml', 'labels: {exit: third}', 'labels: {exit: second}')
    await cluster.converge()
    const activeHost = async (gateway: string) =>
      JSON.parse((await cluster.sluice('get', 'gateway', gateway, '--json')).stdout)[0].activeHost
    t.is(await activeHost('first'), 'vm1')
    t.is(await activeHost('second'), 'vm2')
    const [moved, other] = [await Pinging.start(lab, 'p1', outside), await Pinging.start(lab, 'p2', outside)]
    await lab.host('vm1').stop('ovs-vswitchd', 'SIGKILL')
    await Promise.all([moved.answers(), other.answers(200)])
    const [{ longestGapMs }, { lost }] = [await moved.stop(), await other.stop()]
    t.true(longestGapMs < 2000, `${longestGapMs} ms`)
    t.deepEqual(lost, [])
    await until('the other host to be known', async () => (await activeHost('first')) === 'vm2')
    t.is(await seenAs('p1'), first)
    t.is(await seenAs('p2'), second)
    await lab.host('vm1').start('ovs-vswitchd')
    await cluster.converge()
    t.is(await activeHost('first'), 'vm2')
    t.is(await seenAs('p1'), first)
  },
)
