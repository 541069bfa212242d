import test from 'ava'
import type { Program } from './support/program.js'
import { settled } from './support/settled.js'
import { Talking } from './support/talking.js'
import { attempt, dial, echo } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'

const servers = ['here', 'usr1-2'] as const
const addresses = {
  here: ['192.168.1.9', '2001:db8:1::9'],
  'usr1-1': ['192.168.1.2', '2001:db8:1::2'],
  'usr1-2': ['192.168.1.3', '2001:db8:1::3'],
} as const

/** usr1 with IPv4 and IPv6: a client and a server on one host, another server on the other. */
const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  edit: (files) => {
    files.edit('usr1.yaml', /^gateway: 192.*$/m, '$&\nsubnet6: 2001:db8:1::/64')
    files.edit('usr1.yaml', 'ip: 192.168.1.2', 'ip: [192.168.1.2, "2001:db8:1::2"]\nlabels: {role: client}')
    files.edit('usr1.yaml', 'ip: 192.168.1.3', 'ip: [192.168.1.3, "2001:db8:1::3"]\nlabels: {role: web}')
    files.write(
      'here.yaml',
      'kind: Workload\ntenant: usr1\nname: here\nnetwork: lan\nip: [192.168.1.9, "2001:db8:1::9"]\nlabels: {role: web}\n',
    )
    files.edit('lab.yaml', /^ {2}vm1: .*$/m, '  vm1: [usr1/usr1-1, usr2/usr2-1, usr1/here]')
  },
})
const { lab } = cluster
const echoes: Program[] = []
test.after.always(() => cluster.stop())
test.before(async () => {
  await Promise.all(Object.keys(addresses).map((name) => settled(lab, name)))
  for (const port of [80, 81])
    for (const at of ['here', 'usr1-1', 'usr1-2']) echoes.push(await echo(lab, at, port))
})
test.after.always(() => Promise.all(echoes.map((each) => each.stop())))

const policy = (name: string, rest: string) => `kind: Policy\ntenant: usr1\nname: ${name}\n${rest}\n`

async function inForce(files: Readonly<Record<string, string | undefined>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    if (text === undefined) cluster.remove(`${name}.yaml`)
    else cluster.write(`${name}.yaml`, policy(name, text))
  }
  await cluster.converge()
}

/** What comes of connections from one workload to a port of another, by IPv4 and by IPv6. */
async function reach(from: keyof typeof addresses, to: keyof typeof addresses, port: number) {
  const results = await Promise.all(addresses[to].map((address) => attempt(lab, from, address, port)))
  return [...new Set(results)].join(' or ')
}

async function policyFlows(): Promise<number> {
  const flows = (await Promise.all(['vm1', 'vm2'].map((host) => cluster.flows(host)))).flat()
  const names = /^(egress|ingress|deliver)/
  return flows.filter(({ tableName }) => names.test(tableName ?? '')).length
}

const zones = async (host: string) =>
  (await lab.exec(host, ['ovs-appctl', 'dpctl/dump-conntrack'])).stdout.match(/zone=\d+/g) ?? []

test.serial('without policies nothing is tracked', async (t) => {
  for (const server of servers) t.is(await reach('usr1-1', server, 80), 'connected')
  t.is(await policyFlows(), 2)
  t.deepEqual([...(await zones('vm1')), ...(await zones('vm2'))], [])
})

test.serial(
  'what a rule allows passes with its replies, on one host and on two; the rest does not',
  async (t) => {
    await inForce({
      web: 'select: {role: web}\ningress:\n  - from: [{select: {role: client}}]\n    ports: [tcp/80, icmp, icmp6]',
    })
    for (const server of servers) {
      t.is(await reach('usr1-1', server, 80), 'connected', server)
      t.is(await reach('usr1-1', server, 81), 'silence', server)
      t.is(await reach(server, 'usr1-1', 81), 'connected', server)
      for (const address of addresses[server])
        t.is((await cluster.ping('usr1-1', address)).received, 3, address)
    }
    t.is(await reach('usr1-2', 'here', 80), 'silence')
    t.is(await reach('here', 'usr1-2', 80), 'silence')
    t.true((await zones('vm2')).every((zone) => Number(zone.slice(5)) > 0x8000))
  },
)

test.serial('what goes out is judged at its source', async (t) => {
  await inForce({
    out: `select: {role: client}\negress:\n  - to: [{cidr: 192.168.1.0/24, except: [192.168.1.9/32]}, {cidr: "2001:db8:1::3/128"}]`,
  })
  t.is(await reach('usr1-1', 'usr1-2', 80), 'connected')
  t.is(await reach('usr1-1', 'here', 80), 'silence')
  await inForce({ out: undefined })
  t.is(await reach('usr1-1', 'here', 80), 'connected')
})

test.serial('deny beats allow', async (t) => {
  await inForce({ no: 'select: {}\ningress:\n  - {ports: [tcp/80-81], action: deny}' })
  for (const server of servers) t.is(await reach('usr1-1', server, 80), 'silence')
  t.is(await reach('here', 'usr1-1', 81), 'silence')
  await inForce({ no: undefined })
  for (const server of servers) t.is(await reach('usr1-1', server, 80), 'connected')
})

for (const server of servers) {
  test.serial(`a connection that is no longer allowed is cut: ${server}`, async (t) => {
    const [address] = addresses[server]
    const connection = await dial(lab, 'usr1-1', address, 80)
    connection.write('before\n')
    await connection.line(/before/)
    const rule = cluster.read('web.yaml')
    cluster.edit('web.yaml', 'tcp/80', 'tcp/82')
    await cluster.converge()
    connection.write('after\n')
    await t.throwsAsync(connection.line(/after/, 1500))
    cluster.write('web.yaml', rule)
    await cluster.converge()
    await connection.line(/after/)
    await connection.stop()
  })

  test.serial(`a connection of a policy that keeps lives on, and no new one comes: ${server}`, async (t) => {
    const rule = cluster.read('web.yaml')
    cluster.write('web.yaml', `${rule}established: keep\n`)
    await cluster.converge()
    const talking = await Talking.start(lab, 'usr1-1', addresses[server][0], 80)
    cluster.edit('web.yaml', 'tcp/80', 'tcp/82')
    await cluster.converge()
    t.is(await reach('usr1-1', server, 80), 'silence')
    t.true(await talking.stop())
    cluster.write('web.yaml', rule)
    await cluster.converge()
  })
}

test.serial('connections that are older than the first policy live on if it allows them', async (t) => {
  const rule = cluster.read('web.yaml')
  cluster.remove('web.yaml')
  await cluster.converge()
  const older = await Promise.all(
    servers.flatMap((server) =>
      addresses[server].map((address) => Talking.start(lab, 'usr1-1', address, 80)),
    ),
  )
  cluster.write('web.yaml', rule)
  await cluster.converge()
  for (const talking of older) t.true(await talking.stop())
})

test.serial('once the policies are gone, everything is open and no flow is left', async (t) => {
  cluster.remove('web.yaml')
  await cluster.converge()
  t.is(await policyFlows(), 2)
  for (const server of servers) t.is(await reach('usr1-2', 'here', 81), 'connected', server)
})
