/** A gateway that two hosts can carry, each with its own address: workloads leave with that of whoever carries it. */
import test, { type ExecutionContext } from 'ava'
import type { HostHandle } from '../../src/lab/host.js'
import { GatewayPair } from './support/gateway-pair.js'
import { until } from './support/open-vswitch.js'
import { attempt, dial, echo, transfer } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'

const outside = '162.105.175.1'
const floating = '162.105.175.77'
const [web, shop] = [10_080, 10_081]
const cluster = await TestCluster.start({
  scenario: 'host-address',
  edit: (files) => {
    files.edit('gateway.yaml', '[vm1]', '[vm1, vm2]')
    files.edit('usr1.yaml', /^address: 162.*$/m, 'address: host')
    files.edit('usr1.yaml', 'to: usr1-2:80', 'to: usr1-1:80')
    const other = `kind: PortForward\ntenant: usr2\nname: shop\naddress: host\nport: tcp/${shop}\nto: usr2-2:80\n`
    files.edit('usr2.yaml', /$/, `---\n${other}gateway: campus\n`)
    const own = `kind: FloatingIp\ntenant: usr2\nname: own\naddress: ${floating}\nworkload: usr2-2\n`
    files.write('floating.yaml', `${own}gateway: campus\n`)
  },
})
cluster.belongTo(test)
const { lab } = cluster
const [first, second] = [lab.host('vm1'), lab.host('vm2')] as const
const addresses: Readonly<Record<string, string>> = { vm1: '162.105.175.60', vm2: '162.105.175.61' }
const addressOf = ({ name }: HostHandle) => addresses[name] ?? ''
const pair = new GatewayPair(cluster, 'campus')
const intact = { received: 50_000, intact: true }

test.before('both hosts are up', () => pair.settled(first, second))

/** The source of a connection to a server outside, as that sees it. */
async function sourceOf(from: string, port: number): Promise<string> {
  const server = await echo(lab, 'outside', port)
  const client = await dial(lab, from, outside, port)
  client.write('hello\n')
  await client.line(/^hello$/)
  await client.stop()
  return (await server.stop()).find((line) => line.startsWith('from '))?.split(' ')[1] ?? ''
}

/** A host's own service and connections are as if nobody shared its address, whatever it does for the gateway. */
async function ownGoesOn(t: ExecutionContext, host: HostHandle, port = 22): Promise<void> {
  const server = await echo(lab, host.name, port)
  t.deepEqual(await transfer(lab, 'outside', addressOf(host), port, 50_000), intact, `${host.name} ${port}`)
  t.is(await sourceOf(host.name, 9001), addressOf(host))
  t.is(await attempt(lab, 'outside', addressOf(host), 62_001), 'ECONNREFUSED', host.name)
  await server.stop()
}

/** Workloads have the address of the host that carries the gateway. */
async function carriedBy(t: ExecutionContext, host: HostHandle, from: string): Promise<void> {
  await until(`${from} to reach the outside`, async () => (await cluster.ping(from, outside, 1)).received > 0)
  t.is(await sourceOf(from, 9002), addressOf(host))
}

/** A forwarded port is one of the host that carries the gateway, and of no other. */
async function forwarded(
  t: ExecutionContext,
  [carrier, standby]: readonly [HostHandle, HostHandle],
  to: string,
  port: number,
  from: readonly string[] = ['outside'],
): Promise<void> {
  const server = await echo(lab, to, 80)
  for (const each of from)
    t.deepEqual(await transfer(lab, each, addressOf(carrier), port, 50_000), intact, each)
  t.not(await attempt(lab, 'outside', addressOf(standby), port), 'connected')
  await server.stop()
}

test.serial('both hosts keep their addresses, and one lends its own', async (t) => {
  for (const from of ['usr1-1', 'usr1-2']) await carriedBy(t, first, from)
  t.is(await sourceOf('usr2-2', 9002), floating)
  await ownGoesOn(t, first)
  await ownGoesOn(t, second, 62_000)
  await forwarded(t, [first, second], 'usr1-1', web, ['outside', 'usr1-2', 'vm2'])
  await forwarded(t, [first, second], 'usr2-2', shop)
  t.like(await pair.view(), { activeHost: 'vm1', address: addressOf(first) })
  const server = await echo(lab, 'vm2', 22)
  for (const from of ['usr1-1', 'usr1-2'])
    t.deepEqual(
      await transfer(lab, from, addressOf(second), 22, 50_000),
      intact,
      `${from} to the standby itself`,
    )
  await server.stop()
  const { stdout } = await lab.exec('outside', ['ip', 'neigh', 'show', addressOf(second)])
  const mac = (await lab.exec('vm2', ['cat', '/sys/class/net/br-ex/address'])).stdout.trim()
  t.true(stdout.includes(mac), stdout)
})

test.serial('the other host takes over with its own address', async (t) => {
  const server = await echo(lab, 'outside', 9003)
  const before = await dial(lab, 'usr1-2', outside, 9003)
  await first.stop('ovs-vswitchd', 'SIGKILL')
  await carriedBy(t, second, 'usr1-2')
  before.write('who is this?\n')
  await before.line(/^error/)
  await before.stop()
  await server.stop()
  t.is(await sourceOf('usr2-2', 9002), floating)
  await forwarded(t, [second, first], 'usr2-2', shop)
  await ownGoesOn(t, second)
  await first.start('ovs-vswitchd')
  await pair.settled(second, first)
  t.like(await pair.view(), { activeHost: 'vm2', address: addressOf(second) })
  await ownGoesOn(t, first)
  await carriedBy(t, second, 'usr1-1')
  await forwarded(t, [second, first], 'usr1-1', web, ['outside', 'vm1'])
})

test.serial('without the controller, likewise', async (t) => {
  await lab.stopController('SIGKILL')
  await second.stop('ovs-vswitchd', 'SIGKILL')
  await carriedBy(t, first, 'usr1-1')
  await forwarded(t, [first, second], 'usr1-1', web)
  await second.start('ovs-vswitchd')
  for (const host of [first, second]) await ownGoesOn(t, host)
  await cluster.startController()
  await cluster.converge()
  await ownGoesOn(t, second)
  await carriedBy(t, first, 'usr1-2')
})
