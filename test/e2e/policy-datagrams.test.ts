/** UDP, ICMP errors and fragments while policies change: on one host and on two, by IPv4 and by IPv6. */
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { Connections, speak } from './support/connections.js'
import { until } from './support/open-vswitch.js'
import { addresses, PolicyCluster, servers } from './support/policy-cluster.js'
import type { Program } from './support/program.js'
import { noneWaits } from './support/waiting.js'

const cluster = await PolicyCluster.start()
const { lab } = cluster
const client = 'usr1-1'
const [echoPort, streamPort, closedPort] = [7000, 7001, 7002]
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
    await cluster.files.quiesce()
    await sleep(100)
    t.deepEqual(await asking.more(300), [])
    await cluster.inForce(back)
    t.deepEqual(await asking.more(3000), all)
    stop()
    await asking.stop()
  })

  test.serial(`${how}: what only the server sends after one question ends, too`, async (t) => {
    await cluster.inForce({ rule: fromClients })
    const asked = await open(streamPort)
    await asked.say('question', 500)
    t.deepEqual(await asked.more(3000), all)
    await cluster.inForce({ other: web('{ports: [tcp]}') })
    t.deepEqual(await asked.more(3000), all)
    await cluster.inForce(change)
    await cluster.files.quiesce()
    await sleep(100)
    t.deepEqual(await asked.more(300), [])
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
    await cluster.files.quiesce()
    await sleep(300)
    t.deepEqual(await asking.more(300), [], `${round}`)
    await cluster.inForce({ no: undefined })
    stop()
    await asking.stop()
  }
})

const isolated = {
  rule: `${fromClients}egress: []`,
  other: 'select: {role: client}\ningress: []\negress:\n  - to: [{select: {role: web}}]',
}

/** How many ICMP and ICMPv6 errors a station has got. */
async function errors(at: string, kind: 'DestUnreachs' | 'TimeExcds'): Promise<number> {
  const { stdout } = await lab.exec(at, ['nstat', '-asz', `IcmpIn${kind}`, `Icmp6In${kind}`])
  return [...stdout.matchAll(/^Icmp\S+ +(\d+)/gm)].reduce((sum, [, count]) => sum + Number(count), 0)
}

test.serial('an error about what a client has sent reaches it through policies at both ends', async (t) => {
  await cluster.inForce(isolated)
  const refused = await open(closedPort)
  await refused.say('any', 100)
  t.deepEqual(await refused.errors('ECONNREFUSED', 5000), all)
  await refused.stop()
})

test.serial('an error about an answer reaches the server', async (t) => {
  await cluster.inForce(isolated)
  const asked = await open(streamPort)
  await asked.say('question', 500)
  const before = await Promise.all(servers.map((server) => errors(server, 'DestUnreachs')))
  await asked.stop()
  for (const [i, server] of servers.entries())
    await until(`errors at ${server}`, async () => (await errors(server, 'DestUnreachs')) > (before[i] ?? 0))
  t.pass()
})

/** Sends, to each address, an error about a datagram that was never sent. */
const forge = `
import socket, struct, sys
source = {4: sys.argv[1], 6: sys.argv[2]}
for to in sys.argv[3:]:
    udp = struct.pack('!HHHH', 7000, 45678, 8, 0)
    if ':' in to:
        quoted = struct.pack('!IHBB', 0x60000000, 8, 17, 64) + b''.join(socket.inet_pton(socket.AF_INET6, a) for a in (to, source[6]))
        s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        s.sendto(struct.pack('!BBHI', 3, 0, 0, 0) + quoted + udp, (to, 0))
    else:
        quoted = struct.pack('!BBHHHBBH', 0x45, 0, 28, 0, 0, 64, 17, 0) + socket.inet_aton(to) + socket.inet_aton(source[4])
        def checksum(data):
            total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
            while total >> 16: total = (total & 0xffff) + (total >> 16)
            return ~total & 0xffff
        quoted = quoted[:10] + struct.pack('!H', checksum(quoted)) + quoted[12:]
        body = struct.pack('!BBHI', 11, 0, 0, 0) + quoted + udp
        s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        s.sendto(body[:2] + struct.pack('!H', checksum(body)) + body[4:], (to, 0))
`

test.serial('an error about no connection does not pass', async (t) => {
  const forged = async () => {
    const before = await Promise.all(servers.map((server) => errors(server, 'TimeExcds')))
    const { status, stderr } = await lab.exec(client, ['python3', '-c', forge, ...addresses[client], ...all])
    t.is(status, 0, stderr)
    await sleep(300)
    const after = await Promise.all(servers.map((server) => errors(server, 'TimeExcds')))
    return after.map((count, i) => count - (before[i] ?? 0))
  }
  t.deepEqual(await forged(), [2, 2])
  await cluster.inForce({ rule: fromClients })
  await cluster.files.quiesce()
  t.deepEqual(await forged(), [0, 0])
})

test.serial(
  'large datagrams in fragments and their answers pass where their connection is allowed',
  async (t) => {
    const asking = await open(echoPort)
    t.deepEqual(await asking.say('after 4000 bytes', 3000), all)
    await cluster.inForce(isolated)
    t.deepEqual(await asking.say('after 4001 bytes', 3000), all)
    const fresh = await open(echoPort)
    t.deepEqual(await fresh.say('after 4002 bytes', 3000), all)
    await cluster.inForce({ no: deny })
    await cluster.files.quiesce()
    t.deepEqual(await asking.say('after 4003 bytes', 700), [])
    t.deepEqual(await fresh.say('after 4004 bytes', 700), [])
    await Promise.all([asking.stop(), fresh.stop()])
  },
)

test.serial(
  'fragments are judged by the port of their datagram, also the first of a connection',
  async (t) => {
    const ports = (port: number, more = '') => web(`{ports: [udp/${port}]${more}}`)
    await cluster.inForce({ rule: ports(echoPort) })
    const asking = await open(echoPort)
    t.deepEqual(await asking.say('after 4000 bytes', 10_000), all)
    t.deepEqual(await asking.say('whole', 3000), all)
    t.deepEqual(await asking.say('after 4001 bytes', 3000), all)
    const other = await open(closedPort)
    await other.say('after 4000 bytes', 500)
    t.deepEqual(await other.errors('ECONNREFUSED', 500), [], 'nobody there hears of it')
    await cluster.inForce({ no: ports(streamPort, ', action: deny') })
    const fresh = await open(echoPort)
    t.deepEqual(await fresh.say('after 4002 bytes', 10_000), all, 'where another port is denied')
    t.deepEqual(await asking.say('after 4003 bytes', 3000), all)
    await cluster.inForce({ no: ports(echoPort, ', action: deny') })
    await cluster.files.quiesce()
    t.deepEqual(await asking.say('after 4004 bytes', 700), [])
    t.deepEqual(await fresh.say('after 4005 bytes', 700), [])
    for (const host of ['vm1', 'vm2']) await noneWaits(lab, host)
    await Promise.all([asking.stop(), other.stop(), fresh.stop()])
  },
)

test.serial('fragments are denied by their port alone, where all else may pass', async (t) => {
  const no = `${web(`{ports: [udp/${echoPort}], action: deny}`)}`
  const ofAll = `kind: Policy\nname: all\ntier: admin\n${no}\n`
  for (const [policies, text] of [
    [{ no, rule: web('{}') }, undefined],
    [{ no: undefined, rule: undefined }, ofAll],
  ] as const) {
    if (text) cluster.files.write('all.yaml', text)
    await cluster.inForce(policies)
    const [denied, other] = [await open(echoPort), await open(streamPort)]
    t.deepEqual(await denied.say('after 4000 bytes', 700), [])
    await other.say('after 4000 bytes', 500)
    t.deepEqual(await other.more(3000), all)
    await Promise.all([denied.stop(), other.stop()])
  }
  cluster.files.remove('all.yaml')
})
