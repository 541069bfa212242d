import test from 'ava'
import { meters } from '../../flows/answers.js'
import type { LogEntry, LogQuery } from '../../src/api/contract.js'
import type { RuleCounts } from '../../src/api/counters.js'
import { succeed, until } from './support/open-vswitch.js'
import { addresses, PolicyCluster, servers } from './support/policy-cluster.js'
import { Talking } from './support/talking.js'
import { attempt, dial, flood, refusal } from './support/tcp.js'

const http = '127.0.0.1:6680'
const cluster = await PolicyCluster.start(['--http', http])
const { lab, files } = cluster
cluster.belongTo(test)
test.before(() => cluster.serve())

async function logged(query: LogQuery): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = []
  for await (const entry of files.client.log(query)) entries.push(entry)
  return entries
}

async function metric(name: string): Promise<number> {
  const script = `console.log(await (await fetch('http://${http}/metrics')).text())`
  const argv = [process.execPath, '--input-type=module', '-e', script]
  const text = await succeed(lab, 'controller', argv)
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length),
  )
}

/** What a policy's text says: `ingress` for the servers, `egress` for the client. */
const reject = {
  ingress: 'select: {role: web}\ningress:\n  - {ports: [tcp/80, udp/80], action: reject}\n  - {}',
  egress: 'select: {role: client}\negress:\n  - {ports: [tcp/80, udp/80], action: reject}\n  - {}',
} as const

for (const direction of ['ingress', 'egress'] as const)
  test.serial(
    `${direction}: a client is told at once, on one host and on two, by IPv4 and by IPv6`,
    async (t) => {
      await cluster.inForce({ no: reject[direction] })
      for (const server of servers) {
        t.is(await cluster.reach('usr1-1', server, 80), 'ECONNREFUSED', server)
        t.is(await cluster.reach('usr1-1', server, 81), 'connected', server)
        const [four, six] = addresses[server]
        t.is(await refusal(lab, 'usr1-1', four, 80), 'EHOSTUNREACH', server)
        t.is(await refusal(lab, 'usr1-1', six, 80), 'EACCES', server)
      }
      t.deepEqual(await logged({}), [])
      await cluster.inForce({ no: undefined })
    },
  )

test.serial('clients of another tenant are told as well, by way of the routers', async (t) => {
  const peering = (tenant: string, peer: string) =>
    `kind: Peering\ntenant: ${tenant}\nname: ${peer}\npeer: ${peer}\n`
  files.write('peerings.yaml', `${peering('usr1', 'usr2')}---\n${peering('usr2', 'usr1')}`)
  await cluster.inForce({ no: reject.ingress })
  for (const client of ['usr2-1', 'usr2-2'])
    for (const server of servers) {
      const [address] = addresses[server]
      t.is(await attempt(lab, client, address, 80), 'ECONNREFUSED', `${client} ${server}`)
      t.is(await attempt(lab, client, address, 81), 'connected', `${client} ${server}`)
      t.is(await refusal(lab, client, address, 80), 'EHOSTUNREACH', `${client} ${server}`)
    }
  files.remove('peerings.yaml')
  await cluster.inForce({ no: undefined })
})

test.serial(
  'where the client’s own tenant is guarded too, the answer passes as one to what it has sent',
  async (t) => {
    await cluster.inForce({ no: reject.ingress, own: 'select: {role: client}\ningress: []\negress: [{}]' })
    for (const server of servers) {
      t.is(await cluster.reach('usr1-1', server, 80), 'ECONNREFUSED', server)
      const [four, six] = addresses[server]
      t.is(await refusal(lab, 'usr1-1', four, 80), 'EHOSTUNREACH', server)
      t.is(await refusal(lab, 'usr1-1', six, 80), 'EACCES', server)
    }
    await cluster.inForce({ no: undefined, own: undefined })
  },
)

test.serial('a connection that a new policy rejects ends for the client with a reset', async (t) => {
  const connection = await dial(lab, 'usr1-1', addresses['usr1-2'][0], 80)
  connection.write('before\n')
  await connection.line(/before/)
  await cluster.inForce({ no: reject.ingress })
  const ended = () => connection.lines.find((line) => line.startsWith('error'))
  await until('the end of the connection', () => {
    connection.write('after\n')
    return ended() !== undefined
  })
  t.regex(ended() ?? '', /ECONNRESET/)
  await connection.stop()
  await cluster.inForce({ no: undefined })
})

test.serial('decisions are logged once for each connection, with both workloads and the line', async (t) => {
  const following = files.spawn('log', '--follow', '--json', '--tenant', 'usr1')
  let followed = ''
  following.stdout?.setEncoding('utf8').on('data', (text: string) => {
    followed += text
  })
  const text = `select: {role: web}
ingress:
  - from: [{select: {role: client}}]
    ports: [tcp/80]
    log: true
  - ports: [tcp/81]
    action: reject
    log: true
  - ports: [tcp/82]
    action: deny
    log: true`
  await cluster.inForce({ web: text })
  t.is(await cluster.reach('usr1-1', 'usr1-2', 80), 'connected')
  t.is(await cluster.reach('usr1-1', 'usr1-2', 81), 'ECONNREFUSED')
  t.is(await cluster.reach('usr1-1', 'here', 82), 'silence')
  const entries = await logged({ policy: 'web' })
  const seen = entries.map(({ verdict, source, destination, rule, host }) =>
    [verdict, source.workload, destination.workload, destination.port, host, rule.rule, rule.line].join(' '),
  )
  // The head that the test puts before the text has three lines.
  const four = [
    'allow usr1/usr1-1 usr1/usr1-2 80 vm2 ingress/0 6',
    'deny usr1/usr1-1 usr1/here 82 vm1 ingress/2 12',
    'reject usr1/usr1-1 usr1/usr1-2 81 vm2 ingress/1 9',
  ]
  t.deepEqual([...new Set(seen)].sort(), four)
  // One connection by each family; a client that is not answered asks again.
  const allowed = entries.filter((_, i) => seen[i] === four[0])
  t.is(new Set(allowed.map(({ source }) => `${source.address} ${source.port}`)).size, 2)
  t.true(entries.every(({ rule }) => rule.file?.endsWith('web.yaml')))
  while (followed.trimEnd().split('\n').length < entries.length)
    await new Promise((resolve) => setImmediate(resolve))
  t.deepEqual(
    followed
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    entries,
  )
  following.kill()
  t.regex(files.log, /denied tcp\/82 from usr1\/usr1-1 to usr1\/here \(ingress\) by .*web\.yaml:12/)
})

test.serial('each rule is counted, allowed, denied and replies, and what is left over', async (t) => {
  t.is(await cluster.reach('usr1-1', 'usr1-2', 83), 'silence')
  await files.revalidated()
  const { stdout } = await files.sluice('get', 'policy', 'web', '--json')
  const [web] = JSON.parse(stdout)
  t.is(web.selected, 2)
  const packets = (kind: keyof RuleCounts): number[] =>
    web.ingress.map((rule: RuleCounts) => Number(rule[kind].packets))
  const [allowed, denied, replies] = [packets('allowed'), packets('denied'), packets('replies')]
  const least = (counts: readonly number[], ...limits: readonly number[]) =>
    t.true(
      limits.every((limit, n) => (counts[n] ?? 0) >= limit),
      JSON.stringify(counts),
    )
  least(allowed, 6, 0, 0)
  least(replies, 4, 0, 0)
  least(denied, 0, 2, 2)
  t.deepEqual([allowed[1], allowed[2], denied[0]], [0, 0, 0])
  t.true(Number(web.default.ingress.denied.packets) >= 2)
  t.regex(web.ingress[1].file, /web\.yaml$/)
  t.is(web.ingress[1].line, 9)
  const labels = '{policy="usr1/web",direction="ingress",rule="2",verdict="denied"}'
  t.is(await metric(`sluice_policy_packets_total${labels}`), Number(denied[2]))
})

test.serial('counters never go back when a policy is taken out and put in again', async (t) => {
  const text = files.read('web.yaml')
  const denied = async () => {
    await files.revalidated()
    const [web] = JSON.parse((await files.sluice('get', 'policy', 'web', '--json')).stdout)
    return Number(web.ingress[2].denied.packets)
  }
  const before = await denied()
  files.edit('web.yaml', 'tcp/82', 'tcp/92')
  files.edit('web.yaml', 'role: web', 'role: {in: [web, none]}')
  await files.converge()
  t.true((await denied()) >= before)
  files.write('web.yaml', text)
  await files.converge()
  t.is(await cluster.reach('usr1-1', 'here', 82), 'silence')
  t.true((await denied()) > before)
  await cluster.inForce({ web: undefined })
})

test.serial(
  'a flood of what is rejected and logged costs allowed traffic nothing, and few packets reach the controller',
  async (t) => {
    await cluster.inForce({
      no: 'select: {role: web}\ningress:\n  - {ports: [udp/9], action: reject, log: true}\n  - {}',
    })
    const received = () => metric('sluice_packet_ins_total')
    const talking = await Promise.all(
      servers.map((server) => Talking.start(lab, 'usr1-1', addresses[server][0], 81)),
    )
    const before = await received()
    const start = performance.now()
    const [sent] = await Promise.all([flood(lab, 'usr1-2', addresses.here[0], 9, 10_000, 3)])
    const seconds = (performance.now() - start) / 1000
    t.true(sent >= 29_000, String(sent))
    const packetIns = (await received()) - before
    t.log(`${sent} packets, ${packetIns} of them to the controller in ${seconds} s`)
    const { packetsPerSecond } = meters.verdict
    t.true(packetIns > packetsPerSecond && packetIns <= packetsPerSecond * (seconds + 2))
    for (const each of talking) t.true(await each.stop())
    await cluster.inForce({ no: undefined })
  },
)
