/** Routes: by workloads, for some only, nowhere, by another gateway, and over two gateways at once. */
import test from 'ava'
import { routerMac } from '../../flows/addresses.js'
import { Connections } from './support/connections.js'
import { succeed, until } from './support/open-vswitch.js'
import { settled } from './support/settled.js'
import { dial, echo } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'
import { traceArgument } from './support/trace.js'

const cluster = await TestCluster.start({ scenario: 'routes' })
cluster.belongTo(test)
const { lab } = cluster
const [outside, outside6] = ['162.105.175.1', '2001:db8:ff::1']
const [first, second] = ['162.105.175.70', '162.105.175.80']
const [first6, second6] = ['2001:db8:ff::70', '2001:db8:ff::80']
const branch = ['10.50.0.1', '2001:db8:50::1']
const partner = '198.18.0.1'
let port = 9000

const reaches = async (from: string, to: string, source = '') => {
  const argv = ['ping', '-n', '-q', '-c', '1', '-W', '1', ...(source === '' ? [] : ['-I', source]), to]
  return (await lab.exec(from, argv)).status === 0
}

/** Gives a namespace addresses on its loopback, as if they were beyond it. */
const addresses = async (name: string, ...all: readonly string[]) => {
  for (const address of all) {
    const six = address.includes(':')
    await succeed(lab, name, ['ip', 'address', 'add', `${address}/${six ? 128 : 32}`, 'dev', 'lo'])
  }
}

/** Of how many hosts a host has heard by BFD. */
async function heard(host: string): Promise<number> {
  const argv = ['ovs-vsctl', '--bare', '--columns=bfd_status', 'list', 'Interface']
  return (await succeed(lab, host, argv)).split('forwarding=true').length - 1
}

/** Whether some of a few new connections leave by each of the gateways. */
async function bothAreSeen(to = outside, by = [first, second]): Promise<boolean> {
  const server = await echo(lab, 'outside', ++port)
  const remotes = Array.from({ length: 10 }, () => ({ address: to, port }))
  const connections = await Connections.begin(lab, 'p1', remotes)
  await connections.say('hello', 1000)
  await connections.stop()
  const sources = (await server.stop()).map((line) => line.split(' ')[1])
  return by.every((address) => sources.includes(address))
}

/** The address that a server outside sees of new connections. */
async function seenAs(name: string, to = outside): Promise<string> {
  port++
  const server = await echo(lab, 'outside', port)
  try {
    const client = await dial(lab, name, to, port)
    const said = await client.finish()
    if (!said.includes('connected')) throw new Error(`${name} to ${to}: ${said.join()}`)
    return (await server.line(/^from/)).split(' ')[1] ?? ''
  } finally {
    await server.stop()
  }
}

test.before(async () => {
  await Promise.all(['p1', 'p2', 'vpn', 'fw', 'outside'].map((name) => settled(lab, name)))
  for (const name of ['vpn', 'fw']) {
    await succeed(lab, name, ['sysctl', '-qw', 'net.ipv4.ip_forward=1'])
    await succeed(lab, name, ['ip', 'link', 'set', 'lo', 'up'])
  }
  await addresses('vpn', ...branch, '10.50.9.1', '10.51.0.1')
  await succeed(lab, 'outside', ['ip', 'link', 'set', 'lo', 'up'])
  await addresses('outside', partner)
  for (const name of ['p1', 'q1'])
    await until('the outside', async () => (await cluster.ping(name, outside, 1)).received === 1)
  await until(
    'hosts to know each other',
    async () => (await cluster.ping('p1', '192.168.2.2', 1)).received === 1,
  )
})

test.serial('what is beyond a workload is reached by it, and reaches back', async (t) => {
  for (const address of branch) {
    t.true(await reaches('p1', address), address)
    t.true(await reaches('fw', address), `${address} from the same network`)
  }
  t.true(await reaches('vpn', '192.168.1.2', '10.50.0.1'), 'from beyond to a workload')
  t.true(await reaches('vpn', '2001:db8:1::2', '2001:db8:50::1'))
})

test.serial('what no route covers does not pass', async (t) => {
  const drops = await cluster.drops(async () => {
    t.false(await reaches('vpn', '192.168.1.2', '10.51.0.1'), 'a source that no route is for')
  })
  t.true(
    drops.some(({ flow }) => flow.tableName === 'spoof-guard' && flow.source?.object === 'workload/usr1/vpn'),
  )
  t.false(await reaches('q1', '10.50.0.1'), 'another tenant')
  await addresses('p2', '10.50.0.2')
  t.false(await reaches('p2', '192.168.1.2', '10.50.0.2'), 'beyond another workload')
  await addresses('vpn', '192.168.1.3')
  t.false(await reaches('vpn', '192.168.1.2', '192.168.1.3'), 'the address of a neighbour')
  await succeed(lab, 'vpn', ['ip', 'address', 'del', '192.168.1.3/32', 'dev', 'lo'])
})

test.serial('a longer prefix drops, and the drop names its line', async (t) => {
  const drops = await cluster.drops(async () => {
    t.false(await reaches('p1', '10.50.9.1'))
  })
  const [drop] = drops.filter(({ flow }) => flow.tableName === 'static-route')
  t.is(drop?.packets, 1)
  t.is(drop?.flow.source?.object, 'route/usr1/lost')
  const line = cluster.read('routes.yaml').split('\n').indexOf('name: lost') - 1
  t.is(drop?.flow.source?.line, line)
  const [route] = JSON.parse((await cluster.sluice('get', 'route', 'lost', '--json')).stdout)
  t.is(route.packets, '1')
  const reach = await cluster.sluice('reach', cluster.directory, '--from', 'usr1/p1', '--to', 'outside')
  t.regex(
    reach.stdout,
    new RegExp(`10\\.50\\.9\\.0/24 .*denied .*routes\\.yaml:${line} \\(route/usr1/lost\\)`),
  )
})

test.serial('a policy route is for those that it selects', async (t) => {
  t.true(await reaches('p2', '10.50.0.1'), 'the firewall passes it on')
  await succeed(lab, 'fw', ['sysctl', '-qw', 'net.ipv4.ip_forward=0'])
  t.false(await reaches('p2', '10.50.0.1'), 'and now it does not')
  await succeed(lab, 'fw', ['sysctl', '-qw', 'net.ipv4.ip_forward=1'])
  const counts = await cluster.flows('vm3', 'static-route')
  const packets = counts.find(({ source }) => source?.object === 'route/usr1/branch-guests')?.packets
  t.true(Number(packets) > 0, packets)
  await addresses('fw', '10.50.0.1')
  t.true(await reaches('p2', '10.50.0.1'), 'the firewall has it itself')
  t.true(await reaches('p1', '10.50.0.1'))
  await succeed(lab, 'vpn', ['ip', 'address', 'del', '10.50.0.1/32', 'dev', 'lo'])
  t.false(await reaches('p1', '10.50.0.1'))
  t.true(await reaches('p2', '10.50.0.1'))
})

test.serial('the switch itself says so', async (t) => {
  const flows = await cluster.flows('vm3', 'classify')
  const inPort = /in_port=(\d+)/.exec(
    flows.find(({ source }) => source?.object === 'workload/usr1/p1')?.match ?? '',
  )?.[1]
  const fields = {
    ...{ ethSrc: await macOf('p1'), ethDst: routerMac, ethType: 0x0800, ipTtl: 64, ipProto: 17 },
    ...{ ipv4Src: '192.168.1.2', ipv4Dst: '10.50.3.3', udpSrc: 4000, udpDst: 53 },
  }
  const packet = traceArgument(fields, Number(inPort))
  const text = await succeed(lab, 'vm3', ['ovs-appctl', 'ofproto/trace', 'br-int', packet])
  t.regex(text, new RegExp(`set_field:${await macOf('vpn')}->eth_dst`))
  t.regex(text, /tun_dst|set\(tunnel|native tunnel/)
})

async function macOf(name: string): Promise<string> {
  return (await succeed(lab, name, ['cat', '/sys/class/net/eth0/address'])).trim()
}

test.serial('by another gateway, whether an egress of the tenant is by it or not', async (t) => {
  t.is(await seenAs('p1'), first)
  t.is(await seenAs('p1', partner), second)
  cluster.edit('routes.yaml', 'gateway: second', 'gateway: first')
  await cluster.converge()
  await until('a change to move new connections', async () => (await seenAs('p1', partner)) === first)
  cluster.edit('routes.yaml', 'gateway: first', 'gateway: second')
  await cluster.converge()
})

test.serial('a default route by a workload, which passes packets on', async (t) => {
  cluster.write(
    'more.yaml',
    'kind: Route\ntenant: usr1\nname: default\nto: 0.0.0.0/0\nselect: {role: guest}\nvia: fw\n',
  )
  await cluster.converge()
  t.is(await seenAs('p2'), first)
  t.true(await reaches('p2', '192.168.2.2'), 'neighbours are no matter of a default route')
  await succeed(lab, 'fw', ['sysctl', '-qw', 'net.ipv4.ip_forward=0'])
  t.false(await reaches('p2', outside), 'its packets end where it ends them')
  t.true(await reaches('p1', outside))
  cluster.remove('more.yaml')
  await cluster.converge()
  await until('p2 to leave by itself', () => reaches('p2', outside))
})

test.serial('by an address that nobody has: dropped, and said', async (t) => {
  cluster.edit('routes.yaml', 'via: 192.168.2.3 ', 'via: 192.168.2.33')
  await cluster.converge()
  const { warnings } = await cluster.client.status()
  t.deepEqual(warnings, ['route usr1/branch-guests: no workload has 192.168.2.33; its packets are dropped'])
  t.regex(cluster.log, /no workload has 192\.168\.2\.33/)
  const drops = await cluster.drops(() => reaches('p2', '10.50.0.1'))
  t.true(drops.some(({ flow }) => flow.source?.object === 'route/usr1/branch-guests'))
  cluster.edit('routes.yaml', 'via: 192.168.2.33', 'via: 192.168.2.3 ')
  await cluster.converge()
})

test.serial(
  'two egresses share the connections, each of which stays; only those of one that dies move',
  async (t) => {
    cluster.write('more.yaml', 'kind: Egress\ntenant: usr1\nname: internet-too\ngateway: second\n')
    await cluster.converge()
    await until('both to be known alive', async () => (await heard('vm3')) === 2)
    await until('both', () => bothAreSeen())
    await until('both by IPv6', () => bothAreSeen(outside6, [first6, second6]))
    const server = await echo(lab, 'outside', 9100)
    const remotes = Array.from({ length: 40 }, () => ({ address: outside, port: 9100 }))
    const connections = await Connections.start(lab, 'p1', remotes)
    const seen = () =>
      server.lines.filter((line) => line.startsWith('from ')).map((line) => line.split(' ')[1])
    await until('all connections', async () => seen().length === 40)
    const by = (gateway: string) => seen().filter((address) => address === gateway).length
    t.is(by(first) + by(second), 40)
    t.true(by(first) >= 5 && by(second) >= 5, `${by(first)} and ${by(second)}`)
    t.is((await connections.say('hello', 5000)).length, 40)
    t.is((await connections.say('again', 5000)).length, 40)

    await lab.host('vm2').stop('ovs-vswitchd', 'SIGKILL')
    const probes = () => Promise.all(Array.from({ length: 8 }, () => reaches('p1', outside)))
    await until('new connections to take the other one', async () => (await probes()).every(Boolean))
    const before = by(first)
    const again = await Connections.start(lab, 'p1', remotes)
    await until('new connections', async () => seen().length === 80)
    t.is(by(first), before + 40)
    const living = await connections.say('still', 3000)
    t.true(living.length >= before, `${living.length} of ${before}`)
    t.is((await again.say('hello', 5000)).length, 40)
    await lab.host('vm2').start('ovs-vswitchd')
    await cluster.converge()
    await until('both again', () => bothAreSeen())
    await lab.host('vm2').cutUplink('br-ex2')
    await until('the other one while an uplink is cut', async () => (await probes()).every(Boolean))
    await lab.host('vm2').joinUplink('br-ex2')
    await until('both once more', () => bothAreSeen())
    await Promise.all([connections.stop(), again.stop(), server.stop()])
  },
)
