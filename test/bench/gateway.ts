import { namespaceOf } from '../../src/lab/names.js'
import { until } from '../e2e/support/open-vswitch.js'
import { Program } from '../e2e/support/program.js'
import { TestCluster } from '../e2e/support/test-cluster.js'
import { ending } from './support/ending.js'
import { figure, report } from './support/report.js'
import { median } from './support/statistics.js'

/**
 * What address translation costs, against the router that one would build by hand: a namespace with nftables
 * (masquerade and dnat) between a bridge of its own, in which the workload has a second interface, and the gateway's
 * bridge. The two take turns, so that whatever else the machine does meets both alike.
 */
const rounds = 3
const seconds = 2
const pings = 500

const workload = 'usr1-1'
/** What the workload reaches by either way, and what reaches its port 80 from outside. */
const ways = {
  gateway: { outside: '16.158.1.1', published: '16.158.1.100' },
  router: { outside: '16.158.1.9', published: '16.158.1.200' },
} as const
type Way = keyof typeof ways

const acceptor = `
  for (const port of process.argv.slice(1).map(Number))
    require('node:net').createServer((socket) => socket.on('error', () => {}).end('x')).listen({ port, host: '0.0.0.0', backlog: 4096 }, () => console.log('listening', port))`

const opener = `
  const [host, port, ms] = process.argv.slice(1)
  let done = 0
  const open = () => {
    require('node:net').connect(Number(port), host)
      .on('error', () => {})
      .on('end', () => done++)
      .on('close', open)
      .resume()
  }
  for (let n = 0; n < 32; n++) open()
  setTimeout(() => { console.log(done / (Number(ms) / 1000)); process.exit() }, Number(ms))`

const cluster = await TestCluster.start({
  scenario: 'floating-ip',
  edit: (files) => {
    files.write(
      'forward.yaml',
      `kind: PortForward\ntenant: usr1\nname: web\naddress: 16.158.1.100\nport: tcp/10080\nto: ${workload}:80\ngateway: campus\n`,
    )
    // So that the second host has a bridge outside; most of the time the first is alone.
    files.edit('gateway.yaml', '[vm1]', '[vm1, vm2]')
  },
})
await ending(
  () => cluster.stop(),
  async () => {
    cluster.edit('gateway.yaml', '[vm1, vm2]', '[vm1]')
    await cluster.converge()
    await buildRouter()
    await compare()
  },
)

async function compare(): Promise<void> {
  const { lab } = cluster
  // One for each measurement, as what remains of connections to one is in the way of the next ones.
  const ports = Array.from({ length: 2 * rounds }, (_, n) => 7000 + n)
  const servers = [
    await Program.start(lab, 'outside', ['iperf3', '-s', '--forceflush'], /listening/),
    await Program.start(
      lab,
      'outside',
      node(acceptor, ...ports.map(String)),
      new RegExp(`^listening ${ports.at(-1)}`),
    ),
    await Program.start(lab, workload, node(acceptor, '80'), /^listening/),
  ]
  const measures = () => ({
    tcp: [] as number[],
    checked: [] as number[],
    rtt: [] as number[],
    out: [] as number[],
    told: [] as number[],
    in: [] as number[],
  })
  const found = { gateway: measures(), router: measures() }
  for (let round = 0; round < rounds; round++) {
    const turns: readonly Way[] = round % 2 === 0 ? ['gateway', 'router'] : ['router', 'gateway']
    for (const way of turns) {
      const { outside, published } = ways[way]
      found[way].rtt.push(await roundTrip(outside))
      found[way].tcp.push(await throughput(outside))
      if (way === 'gateway') found[way].checked.push(await withSizeCheck(() => throughput(outside)))
      found[way].out.push(await connections(workload, outside, 7000 + round))
      if (way === 'gateway')
        found[way].told.push(
          await withSecondHost(() => connections(workload, outside, 7000 + rounds + round)),
        )
      found[way].in.push(await connections('outside', published, 10_080))
    }
  }
  for (const server of servers) await server.stop()
  const { gateway, router } = found
  const ratio = (a: readonly number[], b: readonly number[]) =>
    figure(median(a.map((value, index) => value / (b[index] ?? Number.NaN))), '')
  report('gateway', 'a workload and the outside, against a namespace with nftables', {
    tcp: figure(median(gateway.tcp), 'Gbit/s'),
    'router tcp': figure(median(router.tcp), 'Gbit/s'),
    'tcp ratio': ratio(gateway.tcp, router.tcp),
    'tcp with a check of sizes': figure(median(gateway.checked), 'Gbit/s'),
    'check ratio': ratio(gateway.checked, gateway.tcp),
    rtt: figure(median(gateway.rtt), 'ms'),
    'router rtt': figure(median(router.rtt), 'ms'),
    'rtt ratio': ratio(gateway.rtt, router.rtt),
    'connections out': figure(median(gateway.out), 'per second'),
    'router connections out': figure(median(router.out), 'per second'),
    'connections out ratio': ratio(gateway.out, router.out),
    'connections out by one of two hosts': figure(median(gateway.told), 'per second'),
    'two hosts ratio': ratio(gateway.told, gateway.out),
    'connections in': figure(median(gateway.in), 'per second'),
    'router connections in': figure(median(router.in), 'per second'),
    'connections in ratio': ratio(gateway.in, router.in),
  })
}

/** While some network carries more than the uplink does, so that the size of every packet is looked at. */
async function withSizeCheck<T>(measure: () => Promise<T>): Promise<T> {
  cluster.write('large.yaml', 'kind: Network\ntenant: usr1\nname: large\nsubnet: 10.99.1.0/24\nmtu: 9000\n')
  await cluster.converge()
  const flows = await cluster.flows('vm1', 'exit')
  if (!flows.some(({ actions }) => actions.includes('check_pkt_larger')))
    throw new Error('nothing is checked')
  const result = await measure()
  cluster.remove('large.yaml')
  await cluster.converge()
  return result
}

/** While a second host could carry the gateway, so that the controller is told of each connection (decision 71). */
async function withSecondHost<T>(measure: () => Promise<T>): Promise<T> {
  cluster.edit('gateway.yaml', '[vm1]', '[vm1, vm2]')
  await cluster.converge()
  if ((await cluster.flows('vm1', 'gateway-mapping')).length === 0) throw new Error('nothing is told')
  await until(
    'the gateway',
    async () => (await cluster.ping(workload, ways.gateway.outside, 1)).received === 1,
  )
  const result = await measure()
  cluster.edit('gateway.yaml', '[vm1, vm2]', '[vm1]')
  await cluster.converge()
  return result
}

/** The namespace that is a second station becomes the router. */
async function buildRouter(): Promise<void> {
  await succeed('vm1', [
    'ovs-vsctl',
    'add-br',
    'br-plain',
    '--',
    'set',
    'Bridge',
    'br-plain',
    'datapath_type=netdev',
  ])
  await plug('br-plain', 'inner', 'station', 'eth1', '10.99.0.1/24')
  await plug('br-plain', 'twin', `usr1/${workload}`, 'eth1', '10.99.0.2/24')
  await succeed('station', ['ip', 'link', 'set', 'eth0', 'down'])
  await plug('br-ex', 'outer', 'station', 'eth2', '16.158.1.200/24')
  await succeed('outside', ['ip', 'address', 'add', '16.158.1.9/24', 'dev', 'eth0'])
  await succeed(workload, ['ip', 'route', 'add', '16.158.1.9', 'via', '10.99.0.1'])
  await succeed(workload, [
    'sysctl',
    '-qw',
    'net.ipv4.conf.all.rp_filter=0',
    'net.ipv4.conf.eth1.rp_filter=0',
  ])
  await succeed('station', ['sysctl', '-qw', 'net.ipv4.ip_forward=1'])
  const rules = `
    table ip nat {
      chain prerouting { type nat hook prerouting priority dstnat; iif eth2 tcp dport 10080 dnat to 10.99.0.2:80; }
      chain postrouting { type nat hook postrouting priority srcnat; oif eth2 masquerade; oif eth1 masquerade; }
    }`
  await succeed('station', ['nft', rules])
}

async function plug(
  bridge: string,
  port: string,
  name: string,
  device: string,
  address: string,
): Promise<void> {
  const peer = ['peer', 'name', device, 'netns', namespaceOf(cluster.lab.site, name)]
  await succeed('vm1', ['ip', 'link', 'add', port, 'type', 'veth', ...peer])
  await succeed('vm1', ['ip', 'link', 'set', port, 'up'])
  await succeed('vm1', ['ovs-vsctl', 'add-port', bridge, port])
  const inside = name.slice(name.indexOf('/') + 1)
  await succeed(inside, ['ip', 'link', 'set', device, 'up'])
  await succeed(inside, ['ip', 'address', 'add', address, 'dev', device])
  await succeed(inside, ['ethtool', '-K', device, 'tx', 'off'])
}

/** Gbit/s of TCP. */
async function throughput(address: string): Promise<number> {
  const text = await succeed(workload, ['iperf3', '-c', address, '-t', String(seconds), '-J'])
  const { end }: { end: { sum_received: { bits_per_second: number } } } = JSON.parse(text)
  return end.sum_received.bits_per_second / 1e9
}

/** Median of the round-trip times, in milliseconds. */
async function roundTrip(address: string): Promise<number> {
  const text = await succeed(workload, ['ping', '-n', '-c', String(pings), '-i', '0.002', address])
  return median(Array.from(text.matchAll(/ time=([\d.]+) ms/g), ([, time]) => Number(time)))
}

/** Connections that are opened and closed in a second, some at a time. */
async function connections(from: string, address: string, port: number): Promise<number> {
  return Number(await succeed(from, node(opener, address, String(port), String(seconds * 1000))))
}

function node(script: string, ...args: readonly string[]): string[] {
  return [process.execPath, '--input-type=commonjs', '-e', script, ...args]
}

async function succeed(name: string, argv: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await cluster.lab.exec(name, argv)
  if (status !== 0) throw new Error(`${name}: ${argv.join(' ')}: ${stdout}${stderr}`)
  return stdout
}
