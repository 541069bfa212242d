/**
 * Traffic that is allowed all the time, while policies change a thousand times: lines over TCP, datagrams and their
 * answers, pings, each every 10 ms, on one host and on two, by IPv4 and by IPv6. Every answer comes.
 */
import test, { type ExecutionContext } from 'ava'
import { Connections, speak } from './support/connections.js'
import { addresses, PolicyCluster, servers } from './support/policy-cluster.js'
import type { Program } from './support/program.js'
import { Talking } from './support/talking.js'
import { Pinging } from './support/traffic.js'

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

/** All traffic there is. */
class Traffic {
  #said = 0
  readonly #timer: NodeJS.Timeout

  private constructor(
    readonly talking: readonly Talking[],
    readonly asking: Connections,
    readonly pinging: readonly Pinging[],
  ) {
    this.#timer = setInterval(() => asking.program.write(`said ${++this.#said}\n`), 10)
  }

  static async start(): Promise<Traffic> {
    const remotes = all.map((address) => ({ address, port: echoPort }))
    return new Traffic(
      await Promise.all(all.map((address) => Talking.start(lab, client, address, echoPort))),
      await Connections.start(lab, client, remotes, 'udp'),
      await Promise.all(all.map((address) => Pinging.start(lab, client, address))),
    )
  }

  /** What was lost, in words. */
  async stop(): Promise<readonly string[]> {
    clearInterval(this.#timer)
    const last = await this.asking.say('last', 5000)
    const lost = all.flatMap((address, i) => {
      const heard = new Set(this.asking.program.lines.filter((line) => line.startsWith(`heard ${i} `)))
      const missing = Array.from({ length: this.#said }, (_, n) => n + 1).filter(
        (n) => !heard.has(`heard ${i} said ${n}`),
      )
      return [...(last.includes(address) ? [] : ['the last']), ...missing].map((n) => `${address} udp ${n}`)
    })
    for (const [i, talking] of this.talking.entries()) if (!(await talking.stop())) lost.push(`${all[i]} tcp`)
    for (const [i, pinging] of this.pinging.entries())
      lost.push(...(await pinging.stop()).lost.map((n) => `${all[i]} ping ${n}`))
    await this.asking.stop()
    return lost
  }
}

const policy = (name: string, text: string) =>
  files.write(`${name}.yaml`, `kind: Policy\ntenant: usr1\nname: ${name}\n${text}\n`)
const allow = 'select: {role: web}\ningress:\n  - from: [{select: {role: client}}]'
const both = `${allow}\negress: []\n---\nkind: Policy\ntenant: usr1\nname: asks\nselect: {role: client}\ningress: []\negress:\n  - to: [{select: {role: web}}]`
const group = (...list: readonly string[]) =>
  files.write(
    'group.yaml',
    `kind: AddressGroup\ntenant: usr1\nname: clients\naddresses: [${list.map((each) => `"${each}"`).join()}]\n`,
  )

/** Things that change, none of which closes anything to the client; each is done with its number, one after the other. */
const changes: readonly ((n: number) => void)[] = [
  (n) => policy('more', `${allow}\n    ports: [tcp/${1 + (n % 60_000)}]`),
  () => policy('more', 'select: {role: web}\ningress:\n  - {ports: [tcp/9, udp/9], action: deny}'),
  (n) => files.edit('usr1.yaml', /role: client.*}/, `role: client, zone: z${n}}`),
  (n) => files.edit('usr1.yaml', /role: web.*}/, `role: web, zone: z${n}}`),
  (n) => files.edit('here.yaml', /role: web.*}/, `role: web, zone: z${n}}`),
  (n) => policy('rule', `${both}\nestablished: ${n % 2 ? 'keep' : 'recheck'}`),
  (n) => group(...addresses[client], `10.0.${(n >> 8) & 255}.${n & 255}`),
  () => policy('more', 'select: {role: web}\ningress:\n  - from: [{group: clients}]'),
  () =>
    policy('more', 'select: {role: client}\negress:\n  - {to: [{cidr: 192.168.1.77/32}], action: reject}'),
  (n) => policy('rule', `${both.replace('client}}]', `client}}]\n    log: ${n % 4 < 2}`)}`),
  () =>
    files.write(
      'admin.yaml',
      'kind: Policy\nname: admin\ntier: admin\npriority: 5\ningress:\n  - {action: pass}\negress:\n  - {ports: [icmp, icmp6]}\n',
    ),
  () => files.remove('admin.yaml'),
  () => files.remove('more.yaml'),
]

/**
 * Nothing is lost while this is done. It is done once more where something was: the queue in front of a datapath holds a
 * tenth of a second of this traffic, and a machine that is busy with other things may let it overflow.
 */
async function nothingLost(t: ExecutionContext, work: () => Promise<void>): Promise<void> {
  const lost = await lostDuring(work)
  if (lost.length > 0) t.log(`lost, so once more: ${lost.join(', ')}`)
  t.deepEqual(lost.length > 0 ? await lostDuring(work) : [], [])
}

async function lostDuring(work: () => Promise<void>): Promise<readonly string[]> {
  const traffic = await Traffic.start()
  await work()
  return traffic.stop()
}

test.serial('eight hundred changes of policies, labels and groups', async (t) => {
  group(...addresses[client])
  policy('rule', both)
  policy('more', allow)
  await files.converge()
  await nothingLost(t, async () => {
    for (let n = 0; n < 800; n++) {
      changes[n % changes.length]?.(n)
      await files.converge()
    }
  })
  const { status } = await lab.exec('vm1', ['sh', '-c', 'ovs-appctl dpctl/dump-conntrack | grep -q labels='])
  t.is(status, 0)
})

test.serial('the first policy of a tenant comes and the last goes, a hundred times', async (t) => {
  for (const name of ['rule', 'more', 'group', 'admin'])
    if (files.has(`${name}.yaml`)) files.remove(`${name}.yaml`)
  await files.converge()
  await nothingLost(t, async () => {
    for (let n = 0; n < 200; n++) {
      if (n % 2 === 0) policy('rule', both)
      else files.remove('rule.yaml')
      await files.converge()
    }
  })
})
