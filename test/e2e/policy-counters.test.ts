/** What policy drops is counted at the line of the file that says so; so is what it lets through, replies included. */
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

/** The line of a file that holds a text, from 1. */
const lineOf = (file: string, text: string) =>
  files
    .read(file)
    .split('\n')
    .findIndex((line) => line.includes(text)) + 1

/** Has a datagram sent to each address; the places (`host file:line`) of the policy whose drops have counted it. */
async function dropped(t: ExecutionContext): Promise<readonly string[]> {
  const asking = await Connections.start(lab, client, remotes, 'udp')
  const drops = await files.drops(async () => t.deepEqual(await asking.say('any', 500), []))
  await asking.stop()
  return drops
    .flatMap(({ flow: { host, source, tableName = '' }, packets }) =>
      /^(egress|ingress)-/.test(tableName) && source?.object.startsWith('policy/')
        ? [`${host} ${source?.file?.split('/').at(-1)}:${source?.line} ${packets}`]
        : [],
    )
    .sort()
}

const remotes = all.map((address) => ({ address, port: echoPort }))

test.serial('what a rule denies is counted at its line, on the host of the destination', async (t) => {
  await cluster.inForce({
    no: 'select: {role: web}\ningress:\n  - {ports: [tcp/1]}\n  - {ports: [udp], action: deny}',
  })
  const line = lineOf('no.yaml', 'udp')
  t.deepEqual(await dropped(t), [`vm1 no.yaml:${line} 2`, `vm2 no.yaml:${line} 2`])
})

test.serial('what a rule denies at the source is counted there', async (t) => {
  await cluster.inForce({ no: 'select: {role: client}\negress:\n  - {ports: [udp], action: deny}' })
  t.deepEqual(await dropped(t), [`vm1 no.yaml:${lineOf('no.yaml', 'udp')} 4`])
})

test.serial('what no rule allows is counted at the policy that isolates', async (t) => {
  await cluster.inForce({ no: 'select: {role: web}\ningress:\n  - {ports: [tcp]}' })
  const places = await dropped(t)
  t.deepEqual(
    places.map((place) => place.replace(/no.yaml:\d+/, 'no.yaml')),
    ['vm1 no.yaml 2', 'vm2 no.yaml 2'],
  )
})
