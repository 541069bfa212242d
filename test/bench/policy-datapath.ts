import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { TestCluster } from '../e2e/support/test-cluster.js'
import { ending } from './support/ending.js'
import { type Figure, figure, report } from './support/report.js'
import { median } from './support/statistics.js'
import { Twin } from './support/twin.js'

/**
 * What policy costs packets: a client and a server on two hosts, with 0, 10 and 1,000 rules for each of the two, of which
 * the last one allows what goes on; and the same two over plain switching. They take turns.
 */
const rounds = 3
const seconds = 2
const atOnce = 16
const counts = [0, 10, 1000] as const
const server = 'usr1-2'
const client = 'usr1-1'
const hosts = ['vm1', 'vm2']

const serverScript = `
  require('node:net').createServer((socket) => socket.on('error', () => {}).resume()).listen(5001, '::')`
const clientScript = `
  const [host, seconds, atOnce] = process.argv.slice(1)
  let count = 0
  const end = performance.now() + seconds * 1000
  const next = () => {
    if (performance.now() > end) return
    const socket = require('node:net').connect(5001, host)
    socket.on('connect', () => { count++; socket.resetAndDestroy(); next() }).on('error', next)
  }
  for (let i = 0; i < atOnce; i++) next()
  setTimeout(() => { console.log(count / seconds); process.exit() }, seconds * 1000)`

interface Measured {
  readonly connections: number[]
  readonly tcp: number[]
  readonly megaflows: number[]
  readonly masks: number[]
}

const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  edit: (files) => {
    files.edit('usr1.yaml', 'ip: 192.168.1.2', 'ip: 192.168.1.2\nlabels: {role: client}')
    files.edit('usr1.yaml', 'ip: 192.168.1.3', 'ip: 192.168.1.3\nlabels: {role: web}')
  },
})
const twin = new Twin(cluster.lab)
await ending(
  () => cluster.stop(),
  async () => {
    await twin.bridge('vm1', '162.105.175.61')
    await twin.bridge('vm2', '162.105.175.60')
    await twin.port('vm1', 'usr1/usr1-1', 1)
    await twin.port('vm2', 'usr1/usr1-2', 2)
    await compare()
  },
)

async function compare(): Promise<void> {
  const servers = [
    ['iperf3', '-s', '-p', '5002'],
    [process.execPath, '--input-type=commonjs', '-e', serverScript],
  ].map((argv) => cluster.lab.spawn(server, argv, { stdio: 'ignore' }))
  const ended = Promise.all(servers.map((each) => once(each, 'exit')))
  try {
    await sleep(500)
    const plain = measured()
    const ways = new Map(counts.map((count) => [count, measured()]))
    for (let round = 0; round < rounds; round++) {
      await measure(plain, '10.99.0.2')
      for (const [count, way] of ways) {
        await inForce(count)
        await measure(way, '192.168.1.3')
      }
    }
    const none = ways.get(0) ?? plain
    for (const [count, way] of [['plain', plain] as const, ...ways])
      report('policy-datapath', `${count === 'plain' ? 'plain switching' : `${count} rules per workload`}`, {
        connections: figure(median(way.connections), '/s'),
        ...ratios('connections', way.connections, none.connections, plain.connections),
        tcp: figure(median(way.tcp), 'Gbit/s'),
        ...ratios('tcp', way.tcp, none.tcp, plain.tcp),
        megaflows: figure(median(way.megaflows), ''),
        masks: figure(median(way.masks), ''),
      })
  } finally {
    for (const each of servers) each.kill('SIGKILL')
    await ended
  }
}

function measured(): Measured {
  return { connections: [], tcp: [], megaflows: [], masks: [] }
}

function ratios(
  name: string,
  ours: readonly number[],
  none: readonly number[],
  plain: readonly number[],
): Record<string, Figure> {
  const ratio = (others: readonly number[]) =>
    figure(median(ours.map((value, i) => value / (others[i] ?? Number.NaN))), '')
  return { [`${name} to no rules`]: ratio(none), [`${name} to plain`]: ratio(plain) }
}

/** Puts so many rules in force for each of the two workloads, in the direction of the traffic. */
async function inForce(count: number): Promise<void> {
  if (count === 0) {
    if (cluster.has('rules.yaml')) cluster.remove('rules.yaml')
    return cluster.converge(30)
  }
  const rules = (peers: string, last: string) =>
    Array.from(
      { length: count - 1 },
      (_, n) => `  - {${peers}: [{cidr: 10.${n >> 8}.${n & 255}.0/24}], ports: [tcp/${10_000 + n}]}`,
    )
      .concat(`  - {${peers}: [{select: {role: ${last}}}], ports: [tcp/5000-5007]}`)
      .join('\n')
  const policy = (name: string, role: string, list: string) =>
    `kind: Policy\ntenant: usr1\nname: ${name}\nselect: {role: ${role}}\n${list}\n`
  cluster.write(
    'rules.yaml',
    [
      policy('in', 'web', `ingress:\n${rules('from', 'client')}`),
      policy('out', 'client', `egress:\n${rules('to', 'web')}`),
    ].join('---\n'),
  )
  await cluster.converge(30)
  // The first policy of a tenant settles.
  await sleep(4000)
}

async function measure(way: Measured, address: string): Promise<void> {
  await twin.forget(hosts)
  const argv = [process.execPath, '--input-type=commonjs', '-e', clientScript]
  way.connections.push(
    Number(await twin.succeed(client, [...argv, address, String(seconds), String(atOnce)])),
  )
  const iperf = ['iperf3', '-c', address, '-p', '5002', '-t', String(seconds), '-J']
  const { end } = JSON.parse(await twin.succeed(client, iperf))
  way.tcp.push(end.sum_received.bits_per_second / 1e9)
  const { megaflows, masks } = await twin.caches(hosts)
  way.megaflows.push(megaflows)
  way.masks.push(masks)
}
