import test from 'ava'
import { Talking } from './support/talking.js'
import { echo } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'
import { Pinging } from './support/traffic.js'
import { hostDocument } from './support/wide.js'

const cluster = await TestCluster.start({ scenario: 'tenants-gre' })
cluster.belongTo(test)
const { lab } = cluster

const newcomer = 'kind: Workload\ntenant: usr1\nname: usr1-5\nnetwork: lan\nip: 192.168.1.55\n'

/** Runs `work` while usr1 pings and talks over TCP, between hosts and to the outside, and says what that suffered. */
async function undisturbed(work: () => Promise<void>): Promise<readonly unknown[]> {
  const server = await echo(lab, 'usr1-2', 7000)
  const pings = [
    await Pinging.start(lab, 'usr1-1', '192.168.1.3'),
    await Pinging.start(lab, 'usr1-2', '162.105.175.1'),
  ]
  const talk = await Talking.start(lab, 'usr1-1', '192.168.1.3', 7000)
  await work()
  const results = await Promise.all(pings.map((ping) => ping.stop()))
  const whole = await talk.stop()
  await server.stop()
  const enough = results.every(({ answered }) => answered > 30)
  return [
    ...results.flatMap(({ lost }) => lost),
    ...(whole ? [] : ['TCP']),
    ...(enough ? [] : ['too few answers']),
  ]
}

test.serial('a third host joins by one file, and nobody loses a packet', async (t) => {
  const suffered = await undisturbed(async () => {
    cluster.write('vm3.yaml', `${hostDocument('vm3', '162.105.175.62')}---\n${newcomer}`)
    cluster.edit('lab.yaml', /^ {2}vm2: .*$/m, '$&\n  vm3: [usr1/usr1-5]')
    await cluster.up()
    await cluster.converge()
    for (const [from, to] of [
      ['usr1-1', '192.168.1.55'],
      ['usr1-2', '192.168.1.55'],
      ['usr1-5', '162.105.175.1'],
    ] as const)
      t.deepEqual(await cluster.ping(from, to), { sent: 3, received: 3 }, `${from} to ${to}`)
    t.is((await cluster.ping('usr1-5', '192.168.2.2', 1)).received, 0)
  })
  t.deepEqual(suffered, [])
})

// Open vSwitch's user-space datapath may lose a packet in the moment in which a port comes or goes: nobody pings here.
test.serial('a workload moves to another host with its address', async (t) => {
  cluster.edit('lab.yaml', '[usr1/usr1-5]', '[]')
  cluster.edit('lab.yaml', /^ {2}vm2: \[/m, '$&usr1/usr1-5, ')
  await cluster.up()
  await cluster.converge()
  for (const [from, to] of [
    ['usr1-1', '192.168.1.55'],
    ['usr1-2', '192.168.1.55'],
    ['usr1-5', '162.105.175.1'],
  ] as const)
    t.deepEqual(await cluster.ping(from, to), { sent: 3, received: 3 }, `${from} to ${to}`)
  const objects = (await cluster.flows('vm3')).map(({ source }) => source?.object ?? '')
  t.deepEqual(
    objects.filter((object) => object.startsWith('workload/') || object.startsWith('network/')),
    [],
  )
})

test.serial(
  'a tenant goes with its file and comes back as it was, and the other does not notice',
  async (t) => {
    const file = cluster.read('usr2.yaml')
    const place = cluster.read('lab.yaml')
    const before = await flowsOf('usr2')
    t.true(before.length > 20)
    const suffered = await undisturbed(async () => {
      cluster.remove('usr2.yaml')
      await cluster.converge()
      t.deepEqual(await flowsOf('usr2'), [])
      const all = (await Promise.all(['vm1', 'vm2', 'vm3'].map((host) => cluster.flows(host)))).flat()
      t.true(all.length > 20)
      t.deepEqual(
        all.filter(({ match }) => /(reg0|tun_id)=0x2\b/.test(match)),
        [],
      )
      t.is((await cluster.ping('usr2-1', '192.168.2.3', 1)).received, 0)
      t.deepEqual((await cluster.client.status()).errors, [])
      cluster.write('usr2.yaml', file)
      await cluster.converge()
    })
    t.deepEqual(suffered, [])
    t.is(cluster.read('lab.yaml'), place)
    t.deepEqual(await flowsOf('usr2'), before)
    for (const to of ['192.168.2.3', '162.105.175.1'])
      t.deepEqual(await cluster.ping('usr2-1', to), { sent: 3, received: 3 })
  },
)

/** The flows of every host that follow from what a tenant's file says, without counters. */
async function flowsOf(tenant: string): Promise<readonly string[]> {
  const texts: string[] = []
  for (const host of ['vm1', 'vm2', 'vm3'])
    for (const { source, textWithoutStats } of await cluster.flows(host))
      if (source?.object.split('/')[1] === tenant) texts.push(`${host} ${textWithoutStats}`)
  return texts.sort()
}
