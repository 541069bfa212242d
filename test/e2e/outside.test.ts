import test from 'ava'
import { until } from './support/open-vswitch.js'
import { settled } from './support/settled.js'
import { attempt, refusal } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'

const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  edit: (files) => {
    files.edit('usr1.yaml', /^gateway: 192.*$/m, '$&\nsubnet6: 2001:db8:1::/64')
    for (const n of [2, 3])
      files.edit('usr1.yaml', new RegExp(`^ip: (\\S+\\.${n})$`, 'm'), `ip: [$1, "2001:db8:1::${n}"]`)
    files.edit(
      'gateway.yaml',
      /$/,
      'subnet6: 2001:db8:ff::/64\naddress6: 2001:db8:ff::70\nnextHop6: 2001:db8:ff::1\n',
    )
  },
})
cluster.belongTo(test)
const { lab } = cluster

const sources = ['usr1-1', 'usr1-2']
test.before(() => Promise.all(sources.map((name) => settled(lab, name))))

test.serial('the outside address answers pings, from inside as from outside', async (t) => {
  for (const from of [...sources, 'outside', 'station'])
    for (const to of ['162.105.175.70', '2001:db8:ff::70'])
      t.deepEqual(await cluster.ping(from, to), { sent: 3, received: 3 }, `${from} to ${to}`)
})

test.serial('a station on the wire that nobody knew is found', async (t) => {
  const of = (addresses: string) => /inet6? (\S+250|\S+fa)\//.exec(addresses)?.[1] ?? ''
  for (const family of ['-4', '-6']) {
    const { stdout } = await lab.exec('station', [
      'ip',
      family,
      '-o',
      'addr',
      'show',
      'dev',
      'eth0',
      'scope',
      'global',
    ])
    const station = of(stdout)
    t.truthy(station, stdout)
    await until(station, async () => (await cluster.ping('usr1-2', station, 1)).received === 1)
    t.deepEqual(await cluster.ping('usr1-1', station), { sent: 3, received: 3 }, station)
  }
})

test.serial('a closed port outside refuses, by TCP and by an ICMP error', async (t) => {
  for (const from of sources)
    for (const to of ['162.105.175.1', '2001:db8:ff::1']) {
      t.is(await attempt(lab, from, to, 9), 'ECONNREFUSED', `${from} to ${to}`)
      t.is(await refusal(lab, from, to), 'ECONNREFUSED', `${from} to ${to}`)
    }
})
