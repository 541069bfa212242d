/** UDP, ICMP errors and fragments while policies change: on one host and on two, by IPv4 and by IPv6. */
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { Connections, speak } from './support/connections.js'
import { addresses, PolicyCluster, servers } from './support/policy-cluster.js'
import type { Program } from './support/program.js'

const cluster = await PolicyCluster.start()
const { lab } = cluster
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

const open = (port: number) =>
  Connections.start(
    lab,
    client,
    all.map((address) => ({ address, port })),
    'udp',
  )
const web = (more: string, rest = '') => `select: {role: web}\ningress:\n  - ${more}\n${rest}`
const fromClients = web('from: [{select: {role: client}}]')
const deny = web('{ports: [udp], action: deny}')

/** Which of the connections still get something. */
async function growing(connections: Connections): Promise<readonly boolean[]> {
  const before = connections.counts()
  await sleep(300)
  return connections.counts().map((count, i) => count > (before[i] ?? 0))
}

/** Says a line every 10 ms. */
function repeat(connections: Connections): () => void {
  let n = 0
  const timer = setInterval(() => connections.program.write(`said ${++n}\n`), 10)
  return () => clearInterval(timer)
}
/** Policies of one test do not outlive it. */
test.afterEach.always(async () => {
  for (const name of ['rule', 'other', 'no'])
    if (cluster.files.has(`${name}.yaml`)) cluster.files.remove(`${name}.yaml`)
  await cluster.files.converge()
})
const none = all.map(() => false)
const each = all.map(() => true)

for (const [how, change, back] of [
  ['a deny is added', { no: deny }, { no: undefined }],
  ['the allow goes', { rule: web('{ports: [tcp]}') }, { rule: fromClients }],
  [
    'a deny is added at the source',
    { no: 'select: {role: client}\negress:\n  - {ports: [udp], action: deny}' },
    { no: undefined },
  ],
] as const) {
  test.serial(`${how}: datagrams both ways end, and come again`, async (t) => {
    await cluster.inForce({ rule: fromClients })
    const asking = await open(echoPort)
    t.deepEqual(await asking.say('before', 3000), all)
    const stop = repeat(asking)
    await cluster.inForce(change)
    await sleep(700)
    t.deepEqual(await growing(asking), none)
    await cluster.inForce(back)
    await sleep(700)
    t.deepEqual(await growing(asking), each)
    stop()
    await asking.stop()
  })

  test.serial(`${how}: what only the server sends after one question ends, too`, async (t) => {
    await cluster.inForce({ rule: fromClients })
    const asked = await open(streamPort)
    await asked.say('question', 500)
    t.deepEqual(await growing(asked), each)
    await cluster.inForce({ other: web('{ports: [tcp]}') })
    t.deepEqual(await growing(asked), each)
    await cluster.inForce(change)
    await sleep(700)
    t.deepEqual(await growing(asked), none)
    await asked.stop()
  })
}

test.serial('the first policy of a tenant ends datagrams that it does not allow', async (t) => {
  for (let round = 0; round < 5; round++) {
    const asking = await open(echoPort)
    t.deepEqual(await asking.say('before', 3000), all)
    const stop = repeat(asking)
    await sleep(200)
    await cluster.inForce({ no: deny })
    await sleep(1000)
    t.deepEqual(await growing(asking), none, `${round}`)
    await cluster.inForce({ no: undefined })
    stop()
    await asking.stop()
  }
})
