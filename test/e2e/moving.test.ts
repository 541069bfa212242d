import test from 'ava'
import { type Attachment, attach, Database, detach, type Host } from '../../src/attach/index.js'
import { Containers, ip } from './support/attaching.js'
import { until } from './support/open-vswitch.js'
import { TestCluster } from './support/test-cluster.js'
import { Pinging } from './support/traffic.js'

const address = '192.168.1.77'
const id = 'usr1/mover'
const moves = 100

const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  edit: (files) =>
    files.write('mover.yaml', `kind: Workload\ntenant: usr1\nname: mover\nnetwork: lan\nip: ${address}\n`),
})
cluster.belongTo(test)
const { lab } = cluster

/** A host on which the workload can be, and what its answers are known by when it is there. */
interface Place {
  readonly host: Host
  readonly attachment: Attachment
  readonly ttl: number
}

async function openPlace(name: string, netns: string, ttl: number): Promise<Place> {
  await ip('netns', 'exec', netns, 'sysctl', '-qw', `net.ipv4.ip_default_ttl=${ttl}`)
  const database = await Database.open(lab.host(name).database, 10_000)
  return {
    host: { database, run: (argv, input) => lab.exec(name, argv, input === undefined ? {} : { input }) },
    attachment: {
      interface: id,
      bridge: 'br-int',
      plug: { kind: 'veth', netns: `/run/netns/${netns}`, device: 'eth0' },
    },
    ttl,
  }
}

test(`a workload that moves ${moves} times is never away for a second, and never in two places`, async (t) => {
  const containers = new Containers(t, cluster.name)
  const places = [
    await openPlace('vm1', await containers.add(), 61),
    await openPlace('vm2', await containers.add(), 62),
  ] as const
  t.teardown(() => Promise.all(places.map(({ host }) => host.database.close())))
  let [there, here] = places
  await attach(here.host, [here.attachment])
  const pings = [await Pinging.start(lab, 'usr1-1', address), await Pinging.start(lab, 'usr1-2', address)]
  for (let move = 0; move < moves; move++) {
    // As a machine moves that is stopped before it goes on elsewhere, and as one that is there before it leaves.
    if (move % 4 < 2) await detach(here.host, [id])
    await attach(there.host, [there.attachment])
    await detach(here.host, [id])
    const { ttl } = there
    await until('an answer from there', () => pings.every((ping) => ping.ttl === ttl))
    ;[here, there] = [there, here]
  }
  for (const ping of pings) {
    const { answered, longestGapMs, duplicates, ttls } = await ping.stop()
    const changes = ttls.filter((ttl, at) => at > 0 && ttl !== ttls[at - 1]).length
    t.log(`${answered} answers, longest silence ${longestGapMs} ms, ${changes} changes of place`)
    t.true(longestGapMs < 1000, `${longestGapMs}`)
    t.is(duplicates, 0)
    t.is(changes, moves)
    t.deepEqual([...new Set(ttls)].sort(), [61, 62])
  }
})
