import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { TestCluster } from '../e2e/support/test-cluster.js'
import { ending } from './support/ending.js'
import { figure, report } from './support/report.js'
import { median } from './support/statistics.js'
import { Twin } from './support/twin.js'

/**
 * What the pipeline costs packets: two workloads on one host and on two, each with a second interface on a twin bridge
 * that does plain learning (`actions=NORMAL`) over a tunnel of the same kind between the same hosts. The two take
 * turns, so that whatever else the machine does meets both alike.
 */
const rounds = 6
const tcpSeconds = 2
const pings = 500

interface Path {
  readonly name: string
  readonly from: string
  readonly to: string
  readonly pipeline: string
  readonly plain: string
  readonly hosts: readonly string[]
}

const paths: readonly Path[] = [
  {
    name: 'one host',
    from: 'usr1-1',
    to: 'near',
    pipeline: '192.168.1.78',
    plain: '10.99.0.3',
    hosts: ['vm1'],
  },
  {
    name: 'two hosts',
    from: 'usr1-1',
    to: 'usr1-2',
    pipeline: '192.168.1.3',
    plain: '10.99.0.2',
    hosts: ['vm1', 'vm2'],
  },
]

const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  edit: (files) => {
    files.write('near.yaml', 'kind: Workload\ntenant: usr1\nname: near\nnetwork: lan\nip: 192.168.1.78\n')
    files.edit('lab.yaml', 'vm1: [', 'vm1: [usr1/near, ')
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
    await twin.port('vm1', 'usr1/near', 3)
    for (const path of paths) await compare(path)
  },
)

async function compare({ name, from, to, pipeline, plain, hosts }: Path): Promise<void> {
  const server = cluster.lab.spawn(to, ['iperf3', '-s'], { stdio: 'ignore' })
  const ended = once(server, 'exit')
  try {
    await sleep(500)
    const ways = { pipeline: measures(), plain: measures() }
    const turns = [
      ['pipeline', pipeline],
      ['plain', plain],
    ] as const
    // The other order every other time: what a run leaves behind meets both alike.
    const turnsOf = (round: number) => (round % 2 === 0 ? turns : turns.toReversed())
    for (let round = 0; round < rounds; round++)
      for (const [way, address] of turnsOf(round)) ways[way].rtt.push(await roundTrip(from, address))
    for (let round = 0; round < rounds; round++)
      for (const [way, address] of turnsOf(round)) {
        await twin.forget(hosts)
        ways[way].tcp.push(await throughput(from, address))
        const { megaflows, masks } = await twin.caches(hosts)
        ways[way].megaflows.push(megaflows)
        ways[way].masks.push(masks)
      }
    const ours = ways.pipeline
    const others = ways.plain
    report('forwarding', `two workloads on ${name}, against plain switching`, {
      tcp: figure(median(ours.tcp), 'Gbit/s'),
      'plain tcp': figure(median(others.tcp), 'Gbit/s'),
      'tcp ratio': figure(median(pairwise(ours.tcp, others.tcp)), '', '>= 0.9, OVN 0.9 to 1.0'),
      rtt: figure(median(ours.rtt), 'ms'),
      'plain rtt': figure(median(others.rtt), 'ms'),
      'rtt ratio': figure(median(pairwise(ours.rtt, others.rtt)), ''),
      megaflows: figure(median(ours.megaflows), '', 'OVN 20'),
      'plain megaflows': figure(median(others.megaflows), ''),
      masks: figure(median(ours.masks), ''),
      'plain masks': figure(median(others.masks), ''),
    })
  } finally {
    server.kill('SIGKILL')
    await ended
  }
}

function measures() {
  return { tcp: [] as number[], rtt: [] as number[], megaflows: [] as number[], masks: [] as number[] }
}

function pairwise(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, index) => value / (b[index] ?? Number.NaN))
}

/** Gbit/s of TCP. */
async function throughput(from: string, address: string): Promise<number> {
  const text = await twin.succeed(from, ['iperf3', '-c', address, '-t', String(tcpSeconds), '-J'])
  const { end }: { end: { sum_received: { bits_per_second: number } } } = JSON.parse(text)
  return end.sum_received.bits_per_second / 1e9
}

/** Median of the round-trip times, in milliseconds. */
async function roundTrip(from: string, address: string): Promise<number> {
  const text = await twin.succeed(from, ['ping', '-n', '-c', String(pings), '-i', '0.002', address])
  return median(Array.from(text.matchAll(/ time=([\d.]+) ms/g), ([, time]) => Number(time)))
}
