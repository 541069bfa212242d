/** Policy for connections from outside, after destination NAT: rejections find the way back through the gateway. */
import test from 'ava'
import type { LogEntry } from '../../src/api/contract.js'
import { until } from './support/open-vswitch.js'
import { settled } from './support/settled.js'
import { attempt, echo, refusal } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'

const floating = '16.158.1.103'
/** A second one, on the host that has the gateway. */
const beside = '16.158.1.104'
const cluster = await TestCluster.start({
  scenario: 'floating-ip',
  edit: (files) => {
    files.edit('lab.yaml', 'vm1: [usr1/usr1-1]', 'vm1: [usr1/usr1-1, usr1/usr1-4]')
    files.write(
      'beside.yaml',
      `kind: Workload
tenant: usr1
name: usr1-4
network: lan
---
kind: FloatingIp
tenant: usr1
name: beside
address: ${beside}
workload: usr1-4
gateway: campus
`,
    )
  },
})
const { lab, client } = cluster
cluster.belongTo(test)

test.serial(
  'a client outside is told that it is rejected, from the address that it asked, and the log names it',
  async (t) => {
    await Promise.all(['usr1-2', 'station'].map((name) => settled(lab, name)))
    const servers = await Promise.all([80, 81].map((port) => echo(lab, 'usr1-2', port)))
    await until(
      'the floating address',
      async () => (await cluster.ping('station', floating, 1)).received === 1,
    )
    cluster.write(
      'policy.yaml',
      `kind: Policy
tenant: usr1
name: web
select: {}
ingress:
  - ports: [tcp/80, udp/80]
    action: reject
    log: true
  - {}
`,
    )
    await cluster.converge()
    t.is(await attempt(lab, 'station', floating, 80), 'ECONNREFUSED')
    t.is(await attempt(lab, 'station', floating, 81), 'connected')
    t.is(await refusal(lab, 'station', floating, 80), 'EHOSTUNREACH')
    const entries: LogEntry[] = []
    for await (const entry of client.log({ workload: 'usr1-2' })) entries.push(entry)
    // A client that is not answered at once asks again.
    t.deepEqual(
      [
        ...new Set(
          entries.map(
            ({ protocol, destination, rule }) => `${protocol} ${destination.workload} ${rule.line}`,
          ),
        ),
      ],
      ['tcp usr1/usr1-2 6', 'udp usr1/usr1-2 6'],
    )
    for (const { source } of entries) {
      t.is(source.workload, undefined)
      t.regex(source.address, /^16\.158\.1\./)
    }
    await Promise.all(servers.map((server) => server.stop()))
  },
)

test.serial('from inside, out and in again, both ends have their say, on two hosts and on one', async (t) => {
  const clients = ['usr1-1', 'usr1-2', 'usr1-3', 'usr1-4']
  const ports = [82, 83, 84]
  await Promise.all(clients.map((name) => settled(lab, name)))
  const servers = await Promise.all(
    ['usr1-2', 'usr1-4'].flatMap((name) => ports.map((port) => echo(lab, name, port))),
  )
  const outcomes = async (expected: readonly string[], when: string) => {
    for (const from of clients)
      for (const address of [floating, beside]) {
        const found = await Promise.all(ports.map((port) => attempt(lab, from, address, port)))
        t.deepEqual(found, expected, `${when}: ${from} to ${address}`)
      }
  }
  cluster.remove('policy.yaml')
  await cluster.converge()
  await outcomes(['connected', 'connected', 'connected'], 'without policy')
  // The source is asked about the address outside; the destination about itself, and who the source is outside.
  cluster.write(
    'ends.yaml',
    `kind: Policy
tenant: usr1
name: ends
select: {}
ingress:
  - {from: [{cidr: 16.158.1.0/24}], ports: [tcp/82, tcp/83]}
egress:
  - {to: [{cidr: 16.158.1.0/24}], ports: [tcp/83, tcp/84]}
`,
  )
  await cluster.converge()
  await outcomes(['silence', 'connected', 'silence'], 'with policy')
  await Promise.all(servers.map((each) => each.stop()))
})
