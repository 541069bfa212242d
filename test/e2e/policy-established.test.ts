/** TCP connections that exist while a policy changes: cut or kept, on one host and on two, by IPv4 and by IPv6. */
import test, { type ExecutionContext } from 'ava'
import { Connections, speak } from './support/connections.js'
import { addresses, PolicyCluster, servers } from './support/policy-cluster.js'
import type { Program } from './support/program.js'

const cluster = await PolicyCluster.start()
const { lab, files } = cluster
const client = 'usr1-1'
const [echoPort, streamPort] = [7000, 7001]
const all = servers.flatMap((server) => [...addresses[server]])
const speakers: Program[] = []
test.after.always(async () => {
  await Promise.all(speakers.map((speaker) => speaker.stop('SIGKILL')))
  await cluster.stop()
})
test.before(async () => {
  await cluster.settle()
  for (const server of servers) speakers.push(await speak(lab, server, echoPort, streamPort))
})

const remotes = (port: number) => all.map((address) => ({ address, port }))
const web = (more: string, rest = '') => `select: {role: web}\ningress:\n  - ${more}\n${rest}`
const group = (...list: readonly string[]) =>
  files.write(
    'group.yaml',
    `kind: AddressGroup\ntenant: usr1\nname: clients\naddresses: [${list.map((each) => `"${each}"`).join()}]\n`,
  )
const fromClients = web('from: [{select: {role: client}}]')
const fromGroup = web('from: [{group: clients}]')
const label = (from: string, to: string) => files.edit('usr1.yaml', `role: ${from}`, `role: ${to}`)

interface Case {
  readonly name: string
  readonly policy: string
  /** @param established line of a policy that the change brings */
  readonly change: (established: string) => unknown
  readonly back: () => unknown
}

const policy = (name: string, text: string | undefined) =>
  text === undefined
    ? files.remove(`${name}.yaml`)
    : files.write(`${name}.yaml`, `kind: Policy\ntenant: usr1\nname: ${name}\n${text}\n`)

const cases: readonly Case[] = [
  {
    name: 'a deny is added',
    policy: fromClients,
    change: (established) => policy('no', web('action: deny', established)),
    back: () => policy('no', undefined),
  },
  {
    name: 'a deny is added at the source',
    policy: fromClients,
    change: (established) =>
      policy('no', `select: {role: client}\negress:\n  - action: deny\n${established}`),
    back: () => policy('no', undefined),
  },
  {
    name: 'the allow is removed',
    policy: fromClients,
    change: (established) => policy('rule', web('from: [{select: {role: web}}]', established)),
    back: () => policy('rule', fromClients),
  },
  {
    name: 'the label of the client changes',
    policy: fromClients,
    change: () => label('client', 'guest'),
    back: () => label('guest', 'client'),
  },
  {
    name: 'an address leaves the group',
    policy: fromGroup,
    change: () => group('192.168.1.77'),
    back: () => group(...addresses[client], '192.168.1.77'),
  },
]

/** Connections of both kinds are there, something changes, and then they live on or do not; new ones never come about. */
async function talk(t: ExecutionContext, each: Case, established: 'keep' | 'recheck', livesOn: boolean) {
  group(...addresses[client], '192.168.1.77')
  await cluster.inForce({ rule: `${each.policy}established: ${established}` })
  const echoes = await Connections.start(lab, client, remotes(echoPort))
  const streams = await Connections.start(lab, client, remotes(streamPort))
  try {
    t.deepEqual(await echoes.say('before', 5000), all)
    t.deepEqual(await streams.more(5000), all)
    await each.change(`established: ${livesOn ? 'keep' : 'recheck'}`)
    await files.quiesce()
    t.deepEqual(await echoes.say('after', livesOn ? 5000 : 1000), livesOn ? all : [])
    t.deepEqual(await streams.more(livesOn ? 5000 : 300), livesOn ? all : [])
    t.deepEqual(await attempts(), [])
  } finally {
    await Promise.all([echoes.stop(), streams.stop()])
    await each.back()
    await cluster.inForce({ rule: undefined })
    files.remove('group.yaml')
    await files.converge()
  }
}

/** The addresses that new connections reach. */
async function attempts(): Promise<readonly string[]> {
  const fresh = await Connections.begin(lab, client, remotes(echoPort))
  const heard = await fresh.say('new', 700)
  await fresh.stop()
  return heard
}

for (const each of cases) {
  test.serial(`${each.name}: what exists is cut, also where only the server speaks`, (t) =>
    talk(t, each, 'recheck', false),
  )
  test.serial(`${each.name}: what exists is kept where policies say so`, (t) => talk(t, each, 'keep', true))
}

test.serial('a deny that rechecks cuts what an allow would keep', (t) => {
  const [added] = cases
  return added ? talk(t, added, 'keep', false) : t.fail()
})

test.serial('a connection that is cut lives again once it is allowed again', async (t) => {
  await cluster.inForce({ rule: fromClients })
  const echoes = await Connections.start(lab, client, remotes(echoPort))
  await cluster.inForce({ no: web('action: deny') })
  await files.quiesce()
  t.deepEqual(await echoes.say('meanwhile', 500), [])
  await cluster.inForce({ no: undefined })
  t.deepEqual(await echoes.say('again', 8000), all)
  await echoes.stop()
  await cluster.inForce({ rule: undefined })
})

test.serial(
  'a connection that says nothing while policies change, or that conntrack forgets, lives on',
  async (t) => {
    await cluster.inForce({ rule: fromClients })
    const echoes = await Connections.start(lab, client, remotes(echoPort))
    const streams = await Connections.start(lab, client, remotes(streamPort))
    t.deepEqual(await echoes.say('before', 5000), all)
    for (let n = 0; n < 10; n++)
      await cluster.inForce({ [n % 2 ? 'rule' : 'other']: n % 4 < 2 ? fromClients : web('ports: [tcp]') })
    t.deepEqual(await echoes.say('changed', 5000), all)
    for (const host of ['vm1', 'vm2']) await lab.exec(host, ['ovs-appctl', 'dpctl/flush-conntrack'])
    t.deepEqual(await echoes.say('forgotten', 5000), all)
    await cluster.inForce({ rule: undefined, other: undefined })
    t.deepEqual(await echoes.say('open', 5000), all)
    t.deepEqual(await streams.more(5000), all)
    await Promise.all([echoes.stop(), streams.stop()])
  },
)

test.serial('a connection that was not tracked for a while, and moved on, lives on', async (t) => {
  await cluster.inForce({ rule: fromClients })
  const echoes = await Connections.start(lab, client, remotes(echoPort))
  t.deepEqual(await echoes.say('before', 5000), all)
  await cluster.inForce({ rule: undefined })
  t.deepEqual(await echoes.say('after 8000000 bytes', 30_000), all)
  await cluster.inForce({ rule: fromClients })
  t.deepEqual(await echoes.say('after', 5000), all)
  await cluster.inForce({ no: web('action: deny') })
  await files.quiesce()
  t.deepEqual(await echoes.say('denied', 1000), [])
  await echoes.stop()
  await cluster.inForce({ rule: undefined, no: undefined })
})

const neighbour = (at: string, to: string, ...how: readonly string[]) =>
  lab.exec(at, ['ip', 'neigh', how.length > 0 ? 'replace' : 'del', to, 'dev', 'eth0', ...how])

/** Connections whose SYN has come to the server, and whose SYN-ACK is not to be seen before `release`. */
async function halfOpen(change: () => Promise<void>) {
  for (const server of servers)
    for (const address of addresses[client])
      await neighbour(server, address, 'lladdr', '02:00:00:00:00:01', 'nud', 'permanent')
  const opening = await Connections.begin(lab, client, remotes(echoPort))
  for (const server of servers)
    await lab.exec(server, [
      'sh',
      '-c',
      `until [ $(ss -Htn state syn-recv | wc -l) -ge 2 ]; do sleep 0.05; done`,
    ])
  await change()
  for (const server of servers) for (const address of addresses[client]) await neighbour(server, address)
  return opening
}

test.serial('a connection that is half open when its rule goes does not come about', async (t) => {
  await cluster.inForce({ rule: fromClients })
  const opening = await halfOpen(() => cluster.inForce({ rule: web('from: [{select: {role: web}}]') }))
  t.deepEqual(await opening.say('any', 3000), [])
  await opening.stop()
  await cluster.inForce({ rule: undefined })
})

test.serial('a connection that is half open while other rules come and go does', async (t) => {
  await cluster.inForce({ rule: fromClients })
  const opening = await halfOpen(async () => {
    await cluster.inForce({ other: web('ports: [tcp]') })
    await cluster.inForce({ rule: undefined })
  })
  t.deepEqual(await opening.say('any', 8000), all)
  await opening.stop()
  await cluster.inForce({ other: undefined })
})
