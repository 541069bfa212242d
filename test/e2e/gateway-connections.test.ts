/** What becomes of connections when the host that carries their gateway fails. */
import test from 'ava'
import type { HostHandle } from '../../src/lab/host.js'
import { GatewayPair } from './support/gateway-pair.js'
import {
  floating,
  floating6,
  floatingAnswers,
  outside,
  outside6,
  sharedGateway,
} from './support/shared-gateway.js'
import { counting, dial, echo } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'

const patienceMs = 30_000
const cluster = await TestCluster.start(sharedGateway)
const { lab } = cluster
const pair = new GatewayPair(cluster, 'campus')
const hosts: [HostHandle, HostHandle] = [lab.host('vm1'), lab.host('vm2')]

cluster.belongTo(test)
test.before('both hosts are up', async () => {
  await pair.settled(...hosts)
  await floatingAnswers(cluster)
})

test.serial(
  'without the controller connections go on, of floating addresses and of others that send; who only listens is reset later',
  async (t) => {
    const [active, standby] = hosts
    const [port, quiet] = [9100, 9101]
    const servers = [await echo(lab, 'outside', port), await echo(lab, 'usr2-4', port)]
    const silent = await counting(lab, 'outside', quiet)
    const listener = await dial(lab, 'usr1-4', outside, quiet)
    const connections = {
      floating: await dial(lab, 'station', floating, port),
      floating6: await dial(lab, 'station', floating6, port),
      own: await dial(lab, 'usr2-4', outside, port),
      translated: await dial(lab, 'usr1-4', outside, port, 40_000),
      // From the same port: outside, it has another.
      other: await dial(lab, 'usr1-1', outside, port, 40_000),
    }
    for (const connection of Object.values(connections)) {
      connection.write('before\n')
      await connection.line(/before/)
    }
    await lab.stopController('SIGKILL')
    await active.cutUplink('br-ex')
    for (const [name, connection] of Object.entries(connections)) {
      connection.write('after\n')
      t.is(await connection.line(/after|error/, patienceMs), 'after', name)
    }
    await active.joinUplink('br-ex')
    await cluster.startController()
    await pair.settled(standby, active)
    hosts.reverse()
    // Nobody has told this controller whose connection it is.
    silent.write('begin\n')
    await silent.line(/^error ECONNRESET/, patienceMs)
    listener.write('still there?\n')
    t.is(await listener.line(/^error/, patienceMs), 'error ECONNRESET')
    for (const program of [...Object.values(connections), ...servers, silent, listener]) await program.stop()
  },
)

test.serial('whose port outside has become another’s is reset, and so is the other', async (t) => {
  const [active, standby] = hosts
  const port = 9300
  const server = await echo(lab, 'outside', port)
  // Two from one port inside each: only the first has it outside too.
  const pairs = [
    [await dial(lab, 'usr1-4', outside, port, 41_000), await dial(lab, 'usr2-1', outside, port, 41_000)],
    [await dial(lab, 'usr1-4', outside, port, 41_001), await dial(lab, 'usr1-1', outside, port, 41_001)],
  ] as const
  for (const connection of pairs.flat()) {
    connection.write('before\n')
    await connection.line(/before/)
  }
  await active.stop('ovs-vswitchd', 'SIGKILL')
  for (const [first, second] of pairs)
    for (const connection of [second, first]) {
      connection.write('after\n')
      t.is(await connection.line(/^after|^error/, patienceMs), 'error ECONNRESET')
    }
  for (const program of [...pairs.flat(), server]) await program.stop()
  await active.start('ovs-vswitchd')
  await pair.settled(standby, active)
  hosts.reverse()
})

test.serial(
  'who only listens hears on, by IPv4 and IPv6, also when the station begins after the failover',
  async (t) => {
    const [active, standby] = hosts
    const [busy, quiet] = [9200, 9201]
    const servers = [await counting(lab, 'outside', busy), await counting(lab, 'usr2-4', busy)]
    const silent = await counting(lab, 'outside', quiet)
    const downloads = {
      floating: await dial(lab, 'station', floating, busy),
      floating6: await dial(lab, 'station', floating6, busy),
      own: await dial(lab, 'usr2-4', outside, busy),
      own6: await dial(lab, 'usr2-4', outside6, busy),
      translated: await dial(lab, 'usr1-4', outside, busy),
      translated6: await dial(lab, 'usr1-4', outside6, busy),
    }
    const idle = await dial(lab, 'usr1-4', outside, quiet)
    for (const server of servers) server.write('begin\n')
    await Promise.all(Object.values(downloads).map((download) => download.line(/^100$/)))
    await active.stop('ovs-vswitchd', 'SIGKILL')
    const heard = () => Math.max(...Object.values(downloads).map(({ lines }) => Number(lines.at(-1))))
    const later = heard() + 500
    for (const [name, download] of Object.entries(downloads)) {
      await download.line(new RegExp(`^${later}$`), patienceMs)
      const numbers = download.lines.filter((line) => /^\d+$/.test(line)).map(Number)
      t.deepEqual(
        numbers,
        numbers.map((_, i) => i + 1),
        `${name}: nothing is missing`,
      )
    }
    silent.write('begin\n')
    t.is(await idle.line(/^(100|error.*)$/, patienceMs), '100')
    for (const program of [...Object.values(downloads), ...servers, silent, idle]) await program.stop()
    await active.start('ovs-vswitchd')
    await pair.settled(standby, active)
    hosts.reverse()
  },
)
