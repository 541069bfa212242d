import test from 'ava'
import { addresses, PolicyCluster, servers } from './support/policy-cluster.js'
import { datagram, refusal, transfer, udpEcho } from './support/tcp.js'

const cluster = await PolicyCluster.start()
const { lab, files } = cluster
cluster.belongTo(test)
test.before(() => cluster.serve())

const admin = (name: string, rest: string) =>
  files.write(`${name}.yaml`, `kind: Policy\nname: ${name}\n${rest}\n`)

const datagramsScript = `
  const [host, port, patienceMs, ...sizes] = process.argv.slice(1)
  const socket = require('node:dgram').createSocket(host.includes(':') ? 'udp6' : 'udp4')
  const end = () => { console.log(JSON.stringify(got)); process.exit() }
  const got = []
  const next = () => (got.length < sizes.length ? socket.send(Buffer.alloc(Number(sizes[got.length])), port, host) : end())
  socket.on('message', (back) => { got.push(back.length); next() })
  next()
  setTimeout(end, Number(patienceMs))`

/** The sizes that came back of datagrams sent from one socket, each after the answer to the one before. */
async function datagrams(
  from: string,
  host: string,
  port: number,
  sizes: readonly number[],
  patienceMs = 3000,
) {
  const argv = [
    process.execPath,
    '--input-type=commonjs',
    '-e',
    datagramsScript,
    host,
    `${port}`,
    `${patienceMs}`,
  ]
  const { stdout } = await lab.exec(from, [...argv, ...sizes.map(String)])
  return JSON.parse(stdout)
}

test.serial('address groups of a tenant and of the cluster, larger and smaller blocks', async (t) => {
  const group = (tenant: string, name: string, ...list: readonly string[]) =>
    files.write(
      `${name}.yaml`,
      `kind: AddressGroup\n${tenant}name: ${name}\naddresses: ${JSON.stringify(list)}\n`,
    )
  group('tenant: usr1\n', 'office', '192.168.1.0/24', '2001:db8:1::/64')
  group('', 'bad', '192.168.1.3/32', '2001:db8:1::3/128')
  await cluster.inForce({
    web: 'select: {role: web}\ningress:\n  - {from: [{group: bad}], action: deny}\n  - {from: [{group: office}]}',
  })
  t.is(await cluster.reach('usr1-1', 'here', 80), 'connected')
  t.is(await cluster.reach('usr1-2', 'here', 80), 'silence')
  group('', 'bad', '192.168.1.2/32', '2001:db8:1::2/128')
  await files.converge()
  t.is(await cluster.reach('usr1-1', 'here', 80), 'silence')
  t.is(await cluster.reach('usr1-2', 'here', 80), 'connected')
  await cluster.inForce({ web: undefined })
  files.remove('bad.yaml')
  files.remove('office.yaml')
  await files.converge()
})

test.serial('admin before tenant before baseline; pass goes on', async (t) => {
  admin(
    'guard',
    'tier: admin\nselect: {role: web}\ningress:\n  - {ports: [tcp/81], action: pass}\n  - {from: [{select: {role: client}}], action: allow}',
  )
  await cluster.inForce({ web: 'select: {role: web}\ningress: []' })
  for (const server of servers) {
    t.is(await cluster.reach('usr1-1', server, 80), 'connected', server)
    t.is(await cluster.reach('usr1-1', server, 81), 'silence', server)
  }
  t.is(await cluster.reach('usr1-2', 'here', 80), 'silence')
  admin('floor', 'tier: baseline\nselect: {}\negress:\n  - {ports: [tcp/81], action: deny}\n')
  await files.converge()
  t.is(await cluster.reach('here', 'usr1-1', 80), 'connected')
  t.is(await cluster.reach('here', 'usr1-1', 81), 'silence')
  await cluster.inForce({ out: 'select: {role: web}\negress: [{ports: [tcp/81]}]' })
  t.is(await cluster.reach('here', 'usr1-1', 80), 'silence')
  t.is(await cluster.reach('here', 'usr1-1', 81), 'connected')
  for (const name of ['guard', 'floor', 'web', 'out']) files.remove(`${name}.yaml`)
  await files.converge()
})

test.serial('UDP, errors about it, and fragments of it', async (t) => {
  const echoes = await Promise.all(servers.map((at) => udpEcho(lab, at, 7000)))
  await cluster.inForce({
    web: 'select: {role: web}\ningress:\n  - {ports: [udp/7000-7001]}',
    client: 'select: {role: client}\ningress: []',
  })
  for (const server of servers)
    for (const address of addresses[server]) {
      t.is(await datagram(lab, 'usr1-1', address, 7000, 100), 'intact', address)
      t.is(await datagram(lab, 'usr1-1', address, 7002, 100, 300), 'silence', address)
      t.is(await refusal(lab, 'usr1-1', address, 7001), 'ECONNREFUSED', address)
      t.deepEqual(await datagrams('usr1-1', address, 7000, [100, 4000, 8000]), [100, 4000, 8000], address)
      t.deepEqual(await datagrams('usr1-1', address, 7002, [4000], 300), [], address)
    }
  await Promise.all(echoes.map((each) => each.stop()))
  await cluster.inForce({ web: undefined, client: undefined })
})

test.serial(
  'connections that are logged are told of once and cost nothing, those refused each time',
  async (t) => {
    await cluster.inForce({
      web: 'select: {role: web}\ningress:\n  - {ports: [tcp/80], log: true}\n  - {ports: [tcp/81], action: deny, log: true}',
    })
    const told = async () => {
      let packets = 0
      await files.revalidated()
      for (const host of ['vm1', 'vm2'])
        for (const flow of await files.flows(host, 'ingress-verdict'))
          if (flow.actions.includes('userdata=03.01')) packets += Number(flow.packets)
      return packets
    }
    t.is(await told(), 0)
    for (const server of servers)
      t.deepEqual(await transfer(lab, 'usr1-1', addresses[server][0], 80, 300_000), {
        received: 300_000,
        intact: true,
      })
    t.is(await told(), servers.length)
    t.is(await cluster.reach('usr1-1', 'here', 81), 'silence')
    t.true((await told()) > servers.length)
    await cluster.inForce({ web: undefined })
  },
)
