import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { TestCluster } from '../e2e/support/test-cluster.js'
import { ending } from './support/ending.js'
import { figure, report } from './support/report.js'
import { median, quantile } from './support/statistics.js'

/**
 * A workload's document is dropped into the directory while its port is plugged in already and another workload, on
 * the other host, pings it. Neighbour entries are fixed: how often Linux repeats an ARP request is not the question.
 */
const rounds = 40
const address = '192.168.1.77'
const mac = '00:16:3e:00:00:77'
const file = 'late.yaml'
const document = `kind: Workload\ntenant: usr1\nname: late\nnetwork: lan\nmac: ${mac}\nip: ${address}\n`

const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  edit: (files) => {
    files.write(file, document)
    files.edit('lab.yaml', 'usr2/usr2-2]', 'usr2/usr2-2, usr1/late]')
  },
})
await ending(
  () => cluster.stop(),
  async () => {
    await fixNeighbour('usr1-1', address, mac)
    await fixNeighbour('late', '192.168.1.2', '00:16:3e:0c:07:73')
    const times: number[] = []
    for (let round = 0; round < rounds; round++) times.push(await appear())
    report('first-packet', `file dropped until a packet passed, ${rounds} times`, {
      median: figure(median(times), 'ms', '< 100 ms'),
      p99: figure(quantile(times, 0.99), 'ms', '< 100 ms'),
      fastest: figure(Math.min(...times), 'ms'),
    })
  },
)

async function fixNeighbour(name: string, ip: string, lladdr: string): Promise<void> {
  const argv = ['ip', 'neigh', 'replace', ip, 'lladdr', lladdr, 'dev', 'eth0', 'nud', 'permanent']
  const { status, stderr } = await cluster.lab.exec(name, argv)
  if (status !== 0) throw new Error(stderr)
}

/** Milliseconds from the file's rename to the first answer, as ping's own clock says. */
async function appear(): Promise<number> {
  cluster.remove(file)
  await cluster.converge()
  await unreachable()
  const ping = cluster.lab.spawn('usr1-1', ['ping', '-n', '-D', '-i', '0.002', '-w', '10', address], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(ping, 'exit')
  try {
    // At a different moment of the controller's and the switch's timers in each round.
    await sleep(100 + Math.random() * 100)
    const start = performance.timeOrigin + performance.now()
    cluster.write(file, document)
    if (!ping.stdout) throw new Error('ping has no output')
    for await (const line of createInterface({ input: ping.stdout })) {
      const [, seconds] = /^\[(\d+\.\d+)\].* bytes from /.exec(line) ?? []
      if (seconds !== undefined) return Number(seconds) * 1000 - start
    }
    throw new Error('no answer within 10 s')
  } finally {
    ping.kill('SIGKILL')
    await ended
  }
}

async function unreachable(): Promise<void> {
  const { received } = await cluster.ping('usr1-1', address, 1)
  if (received > 0) throw new Error(`${address} answers without its document`)
}
