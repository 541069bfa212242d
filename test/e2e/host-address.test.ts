/** A gateway with its host's own address: the bridge of the operator, the tunnels and the database are there too. */
import test from 'ava'
import type { FlowView } from '../../src/api/contract.js'
import { everythingOf, type Row } from './support/bridge-rows.js'
import { Connections } from './support/connections.js'
import { plainFlows, succeed, until } from './support/open-vswitch.js'
import { Talking } from './support/talking.js'
import { attempt, datagram, dial, echo, refusal, transfer, udpEcho } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'

const shared = '162.105.175.60'
const outside = '162.105.175.1'
const [outside6, own6] = ['2001:db8:ff::1', '2001:db8:ff::70']
const forward = (name: string, port: string, to: string) =>
  `---\nkind: PortForward\ntenant: usr1\nname: ${name}\naddress: ${shared}\nport: ${port}\nto: ${to}\ngateway: campus\n`
const forwards = [forward('high', 'tcp/49153', 'usr1-1:22'), forward('dns', 'udp/5000', 'usr1-1:53')].join('')
const isForWorkloads = (port: number) => port >= 61_440

const cluster = await TestCluster.start({
  scenario: 'host-address',
  edit: (files) => files.edit('usr1.yaml', /$/, forwards),
})
cluster.belongTo(test)
const { lab } = cluster

const workloads = ['usr1-1', 'usr1-2', 'usr2-2']
const hostName = 'vm1'

/** With which ports `from ADDRESS PORT` lines say that connections came from the shared address. */
const portsSeen = (lines: readonly string[]) =>
  lines.flatMap((line) => {
    const [word, address, port] = line.split(' ')
    return word === 'from' && address === shared ? [Number(port)] : []
  })

const withoutVersion = (row: Row): Row => ({ ...row, _version: [] })

async function bridgeOfOperator() {
  const { bridge, ports, interfaces } = await everythingOf(lab, hostName, 'br-ex')
  return {
    bridge: withoutVersion(bridge),
    ports: ports.map(withoutVersion),
    interfaces,
    flows: await plainFlows(lab, hostName, 'br-ex'),
  }
}

test.serial('workloads reach the outside with the address of the host, on both hosts', async (t) => {
  const server = await echo(lab, 'outside', 9000)
  for (const from of workloads) {
    await until(from, async () => (await cluster.ping(from, outside, 1)).received === 1)
    t.deepEqual(await cluster.ping(from, outside), { sent: 3, received: 3 }, from)
    t.deepEqual(await transfer(lab, from, outside, 9000, 100_000), { received: 100_000, intact: true }, from)
    t.is(await attempt(lab, from, outside, 9), 'ECONNREFUSED', from)
    t.is(await refusal(lab, from, outside), 'ECONNREFUSED', from)
  }
  const ports = portsSeen(await server.stop())
  t.is(ports.length, workloads.length)
  t.true(ports.every(isForWorkloads), ports.join())
  t.deepEqual(await cluster.ping('usr1-1', '192.168.1.3'), { sent: 3, received: 3 })
  const { stdout: mac } = await lab.exec(hostName, ['cat', '/sys/class/net/br-ex/address'])
  const learned = await succeed(lab, hostName, ['ovs-appctl', 'fdb/show', 'br-ex'])
  for (const line of learned.split('\n').filter((each) => each.includes(mac.trim()))) t.regex(line, /LOCAL/)
})

test.serial('IPv6 has an address of its own beside it', async (t) => {
  const server = await echo(lab, 'outside', 9007)
  for (const from of ['usr1-1', 'usr1-2']) {
    await until(from, async () => (await cluster.ping(from, outside6, 1)).received === 1)
    t.deepEqual(await transfer(lab, from, outside6, 9007, 100_000), { received: 100_000, intact: true }, from)
  }
  const seen = (await server.stop()).filter((line) => line.startsWith('from '))
  t.is(seen.length, 2)
  for (const line of seen) t.is(line.split(' ')[1], own6)
  t.deepEqual(await cluster.ping('outside', own6), { sent: 3, received: 3 })
  t.is(await attempt(lab, 'outside', own6, 80), 'ECONNREFUSED')
})

test.serial('the host goes on as if nobody shared its address', async (t) => {
  const servers = [
    await echo(lab, 'outside', 9001),
    await echo(lab, hostName, 22),
    await echo(lab, hostName, 62_000),
    await udpEcho(lab, hostName, 53),
  ]
  t.deepEqual(await cluster.ping(hostName, outside), { sent: 3, received: 3 })
  t.deepEqual(await cluster.ping('outside', shared), { sent: 3, received: 3 })
  t.regex(await succeed(lab, 'outside', ['ping', '-c1', '-W2', '-s', '4000', shared]), / 1 received/)
  for (const port of [22, 62_000])
    t.deepEqual(
      await transfer(lab, 'outside', shared, port, 100_000),
      { received: 100_000, intact: true },
      `${port}`,
    )
  t.is(await datagram(lab, 'outside', shared, 53, 5000), 'intact')
  t.is(await attempt(lab, 'outside', shared, 62_001), 'ECONNREFUSED')
  t.is(await refusal(lab, 'outside', shared, 62_001), 'ECONNREFUSED')
  for (const localPort of [0, 61_500, 49_153]) {
    const client = await dial(lab, hostName, outside, 9001, localPort)
    client.write('hello\n')
    await client.line(/^hello$/)
    await client.stop()
  }
  const [first] = servers
  t.deepEqual(portsSeen(first?.lines ?? []).slice(1), [61_500, 49_153])
  for (const server of servers) await server.stop()
})

test.serial('ports never collide: many connections of workloads and of the host to one port', async (t) => {
  const server = await echo(lab, 'outside', 9002)
  const remotes = Array.from({ length: 250 }, () => ({ address: outside, port: 9002 }))
  const clients = await Promise.all(
    ['usr1-1', 'usr2-2', hostName].map((from) => Connections.start(lab, from, remotes)),
  )
  for (const client of clients) t.is((await client.say('here', 10_000)).length, remotes.length)
  const ports = portsSeen(server.lines)
  t.is(new Set(ports).size, clients.length * remotes.length)
  t.is(ports.filter(isForWorkloads).length, 2 * remotes.length)
  for (const client of clients) await client.stop()
  await server.stop()
})

test.serial('fragments reach whom they are for', async (t) => {
  // Smaller than what workloads take.
  await succeed(lab, 'outside', ['ip', 'route', 'add', shared, 'dev', 'eth0', 'mtu', 'lock', '1400'])
  const servers = [await udpEcho(lab, 'outside', 9003), await udpEcho(lab, hostName, 9003)]
  for (const from of ['usr1-1', 'usr1-2', hostName])
    t.is(await datagram(lab, from, outside, 9003, 5000), 'intact', from)
  t.is(await datagram(lab, 'outside', shared, 9003, 5000), 'intact')
  for (const server of servers) await server.stop()
})

test.serial('forwarded ports are reached, and the host may still send from them', async (t) => {
  const servers = [
    await echo(lab, 'usr1-2', 80),
    await echo(lab, 'usr1-1', 22),
    await udpEcho(lab, 'usr1-1', 53),
    await udpEcho(lab, 'outside', 9004),
  ]
  for (const from of ['outside', 'usr2-2'])
    for (const port of [10_080, 49_153])
      t.deepEqual(
        await transfer(lab, from, shared, port, 100_000),
        { received: 100_000, intact: true },
        `${from} to ${port}`,
      )
  t.is(await datagram(lab, 'outside', shared, 5000, 100), 'intact')
  t.is(await datagram(lab, hostName, outside, 9004, 100, 2000, 5000), 'intact')
  t.is(await datagram(lab, 'outside', shared, 5000, 100), 'intact')
  t.true(servers[0]?.lines.some((line) => line.startsWith(`from ${outside} `)))
  for (const server of servers) await server.stop()
})

test.serial('everything goes on while no controller runs; the host also where flows are lost', async (t) => {
  const server = await echo(lab, 'outside', 9005)
  const talking = [
    await Talking.start(lab, 'usr1-2', outside, 9005),
    await Talking.start(lab, hostName, outside, 9005),
  ]
  await lab.stopController('SIGKILL')
  for (const from of ['usr1-1', hostName])
    t.deepEqual(await transfer(lab, from, outside, 9005, 10_000), { received: 10_000, intact: true }, from)
  const [ofWorkload, ofHost] = talking
  t.true(await ofWorkload?.stop())
  await lab.host(hostName).restartVswitchd()
  t.true(await ofHost?.stop())
  t.deepEqual(await cluster.ping('outside', shared), { sent: 3, received: 3 })
  await cluster.startController()
  await cluster.converge()
  await until('the outside', async () => (await cluster.ping('usr1-1', outside, 1)).received === 1)
  await server.stop()
})

test.serial('where no port is left new connections fail and are counted, others live', async (t) => {
  const ports = 4
  const server = await echo(lab, 'outside', 9006)
  cluster.edit('gateway.yaml', 'address: host', `address: host\nports: 61440-${61_440 + ports - 1}`)
  await cluster.converge()
  const remotes = Array.from({ length: ports + 2 }, () => ({ address: outside, port: 9006 }))
  const clients = await Connections.begin(lab, 'usr1-1', remotes)
  await until('all ports', () => portsSeen(server.lines).length === ports)
  t.is((await clients.say('here', 1500)).length, ports)
  t.deepEqual(portsSeen(server.lines).sort(), [61_440, 61_441, 61_442, 61_443])
  const { stdout } = await cluster.sluice('get', 'gateway', 'campus', '--json')
  const [gateway] = JSON.parse(stdout)
  t.is(gateway.address, shared)
  t.true(Number(gateway.sentPackets) > 0 && Number(gateway.receivedPackets) > 0, stdout)
  t.true(Number(gateway.refusedPackets) > 0, stdout)
  await clients.stop()
  cluster.edit('gateway.yaml', /\nports: .*/, '')
  await cluster.converge()
  t.deepEqual(await transfer(lab, 'usr1-2', outside, 9006, 10_000), { received: 10_000, intact: true })
  await server.stop()
})

test.serial('what others do to its flows is put right', async (t) => {
  const before = await plainFlows(lab, hostName, 'br-ex')
  t.true(before.length > 10)
  const { stdout } = await cluster.sluice('flows', '--table', 'host-address', '--json')
  const views: FlowView[] = JSON.parse(stdout)
  t.deepEqual(new Set(views.map(({ host, bridge }) => `${host}/${bridge}`)), new Set([`${hostName}/br-ex`]))
  const files = new Set(views.map(({ source }) => source?.file?.replace(/^.*\//, '')))
  t.deepEqual([...files].sort(), ['gateway.yaml', 'usr1.yaml'])
  t.true(views.every(({ source }) => Number(source?.line) > 0))
  t.is((await cluster.sluice('flows', '--bridge', 'br-none')).status, 1)
  const ofBridge = ['--host', hostName, '--bridge', 'br-ex', '--format', 'ovs']
  const whole = await cluster.sluice('flows', ...ofBridge, '--no-stats')
  t.deepEqual(whole.stdout.trimEnd().split('\n').sort(), before)
  await succeed(lab, hostName, ['ovs-ofctl', 'del-flows', 'br-ex', 'icmp'])
  await until('the repair', async () => (await plainFlows(lab, hostName, 'br-ex')).length === before.length)
  t.deepEqual(await plainFlows(lab, hostName, 'br-ex'), before)
})

test.serial('two machines with one address each share the connections of a tenant', async (t) => {
  const second = cluster.read('gateway.yaml').replace(/^subnet6[\s\S]*$/m, '')
  cluster.write(
    'second.yaml',
    `${second.replace('name: campus', 'name: second').replace('[vm1]', '[vm2]')}---
kind: Egress\ntenant: usr1\nname: second\ngateway: second\n`,
  )
  await cluster.up()
  await cluster.converge()
  let port = 9100
  await until('connections by both', async () => {
    const server = await echo(lab, 'outside', ++port)
    const remotes = Array.from({ length: 10 }, () => ({ address: outside, port }))
    const client = await Connections.begin(lab, 'usr1-1', remotes)
    await client.say('hello', 1000)
    await client.stop()
    const sources = new Set((await server.stop()).flatMap((line) => line.split(' ')[1] ?? []))
    t.true(
      [...sources].every((address) => [shared, '162.105.175.61'].includes(address)),
      [...sources].join(),
    )
    return sources.size === 2
  })
  cluster.remove('second.yaml')
  await cluster.converge()
})

test.serial('a gateway that goes leaves the bridge as it was', async (t) => {
  const gateway = cluster.read('gateway.yaml')
  const tenants = ['usr1.yaml', 'usr2.yaml'].map((file) => [file, cluster.read(file)] as const)
  await succeed(lab, hostName, ['ovs-ofctl', 'add-flow', 'br-ex', 'priority=7,udp,tp_dst=9,actions=NORMAL'])
  const clear = async () => {
    for (const [file, text] of tenants)
      cluster.write(
        file,
        text
          .split('---\n')
          .filter((document) => !/kind: (Egress|PortForward)/.test(document))
          .join('---\n'),
      )
    cluster.remove('gateway.yaml')
    await cluster.converge()
    await until('the bridge to be left', async () => {
      const { bridge, ports } = await bridgeOfOperator()
      return JSON.stringify(bridge.controller) === '["set",[]]' && ports.length === 2
    })
    return bridgeOfOperator()
  }
  const left = await clear()
  t.is(left.flows.length, 2, left.flows.join('\n'))
  t.is(await attempt(lab, 'outside', shared, 22), 'ECONNREFUSED')
  for (const [file, text] of tenants) cluster.write(file, text)
  cluster.write('gateway.yaml', gateway)
  await cluster.converge()
  await until('the outside', async () => (await cluster.ping('usr1-1', outside, 1)).received === 1)
  t.deepEqual(await clear(), left)
})
