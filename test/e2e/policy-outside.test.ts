/** Policy for connections from outside, after destination NAT: rejections find the way back through the gateway. */
import test from 'ava'
import type { LogEntry } from '../../src/api/contract.js'
import { until } from './support/open-vswitch.js'
import { settled } from './support/settled.js'
import { attempt, echo, refusal } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'

const floating = '16.158.1.103'
const cluster = await TestCluster.start({ scenario: 'floating-ip' })
const { lab, client } = cluster
test.after.always(() => cluster.stop())

test('a client outside is told that it is rejected, from the address that it asked, and the log names it', async (t) => {
  await Promise.all(['usr1-2', 'station'].map((name) => settled(lab, name)))
  const servers = await Promise.all([80, 81].map((port) => echo(lab, 'usr1-2', port)))
  await until('the floating address', async () => (await cluster.ping('station', floating, 1)).received === 1)
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
  t.deepEqual(
    entries.map(({ protocol, destination, rule }) => [protocol, destination.workload, rule.line]),
    [
      ['tcp', 'usr1/usr1-2', 6],
      ['udp', 'usr1/usr1-2', 6],
    ],
  )
  for (const { source } of entries) {
    t.is(source.workload, undefined)
    t.regex(source.address, /^16\.158\.1\./)
  }
  await Promise.all(servers.map((server) => server.stop()))
})
