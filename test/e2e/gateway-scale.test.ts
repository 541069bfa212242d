/** Many connections through one address, many addresses and forwards at once, and no port left. */
import test from 'ava'
import { capture } from './support/capture.js'
import { ethernet, ipv4, send, udp } from './support/frames.js'
import { until } from './support/open-vswitch.js'
import { Program } from './support/program.js'
import { attempt, echo, refusal } from './support/tcp.js'
import { TestCluster } from './support/test-cluster.js'

const cluster = await TestCluster.start({
  scenario: 'floating-ip',
  edit: (files) => {
    files.edit('gateway.yaml', '16.158.1.0/24', '16.158.0.0/16')
    files.edit('lab.yaml', '16.158.1.1/24', '16.158.1.1/16')
  },
})
cluster.belongTo(test)
const { lab } = cluster
const workloads = ['usr1-1', 'usr1-2', 'usr1-3']
const outside = '16.158.1.1'

const floating = (n: number) =>
  `kind: FloatingIp\ntenant: usr1\nname: f${n}\naddress: 16.158.${2 + (n >> 8)}.${n & 255}\nworkload: ${workloads[n % 3]}\ngateway: campus\n`
const forward = (n: number) =>
  `kind: PortForward\ntenant: usr1\nname: p${n}\naddress: 16.158.1.100\nport: tcp/${20_000 + n}\nto: ${workloads[n % 3]}:80\ngateway: campus\n`
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n + 1)

test.serial('500 floating addresses and 1,000 forwards: flows in proportion, all of them work', async (t) => {
  const before = (await cluster.flows('vm1')).length
  cluster.write('floating.yaml', numbers(10).map(floating).join('---\n'))
  cluster.write('forwards.yaml', numbers(10).map(forward).join('---\n'))
  await cluster.converge()
  const some = (await cluster.flows('vm1')).length - before
  cluster.write('floating.yaml', numbers(500).map(floating).join('---\n'))
  await cluster.converge(60)
  cluster.write('forwards.yaml', numbers(1000).map(forward).join('---\n'))
  await cluster.converge(60)
  const flows = await cluster.flows('vm1')
  const [ofFloating, ofForwards] = ['floatingIp/', 'portForward/'].map(
    (kind) => flows.filter(({ source }) => source?.object.startsWith(kind)).length,
  )
  t.log({ some, ofFloating, ofForwards })
  t.true((ofFloating ?? 0) <= 6 * 501 + 10 && (ofFloating ?? 0) >= 500)
  t.true((ofForwards ?? 0) <= 5 * 1000 && (ofForwards ?? 0) >= 1000)
  const servers = await Promise.all(workloads.map((name) => echo(lab, name, 80)))
  for (const n of [1, 77, 254, 255, 256, 500])
    t.is(
      await attempt(lab, 'outside', `16.158.${2 + (n >> 8)}.${n & 255}`, 80, 10_000),
      'connected',
      `address ${n}`,
    )
  for (const n of [1, 333, 500, 1000])
    t.is(await attempt(lab, 'outside', '16.158.1.100', 20_000 + n, 10_000), 'connected', `forward ${n}`)
  for (const server of servers) await server.stop()
})

test.serial('one more changes a handful of flows', async (t) => {
  const mods = async () => {
    const { hosts } = await cluster.client.status()
    return hosts.reduce((sum, { flowMods }) => sum + flowMods, 0)
  }
  const before = await mods()
  cluster.write('one.yaml', floating(501))
  await cluster.converge()
  const made = (await mods()) - before
  t.true(made > 0 && made <= 8, `${made}`)
  for (const file of ['one.yaml', 'floating.yaml', 'forwards.yaml']) cluster.remove(file)
  await cluster.converge(60)
})

const crowd = `
  const [host, port, count] = process.argv.slice(1)
  const net = require('node:net')
  const sockets = []
  let open = 0
  const connect = () => {
    if (sockets.length >= Number(count)) return
    const socket = net.connect(Number(port), host, () => {
      if (++open === Number(count)) console.log('open', open)
      connect()
    })
    socket.on('error', (error) => console.log('error', error.code))
    sockets.push(socket)
  }
  for (let n = 0; n < 50; n++) connect()
  console.log('begun')
  process.stdin.once('data', () => {
    let back = 0
    for (const socket of sockets) socket.once('data', () => { if (++back === sockets.length) console.log('alive', back) }).write('x')
  })`

const many = ['sh', '-c', 'ulimit -n 20000; exec "$@"', 'sh']
const node = [process.execPath, '--input-type=commonjs', '-e']

test.serial('10,000 connections at once through one address', async (t) => {
  const listen = `require('node:net').createServer((s) => s.on('error', () => {}).pipe(s)).listen({ port: 7000, host: '0.0.0.0', backlog: 4096 }, () => console.log('listening'))`
  const server = await Program.start(lab, 'outside', [...many, ...node, listen], /^listening/)
  const clients = await Promise.all(
    ['usr1-1', 'usr1-3'].map((name) =>
      Program.start(lab, name, [...many, ...node, crowd, outside, '7000', '5000'], /^begun/),
    ),
  )
  for (const client of clients) await client.line(/^open 5000/, 60_000)
  for (const client of clients) client.write('go\n')
  for (const client of clients) {
    await client.line(/^alive 5000/, 60_000)
    t.false((await client.stop()).some((line) => line.startsWith('error')))
  }
  await server.stop()
})

test.serial('no port is left: new connections fail at once and are counted, old ones live', async (t) => {
  const frame = await framesOf('usr1-1')
  const other = await framesOf('usr1-3')
  const old = () => send(lab, 'usr1-3', [other(4000)])
  const oldArrives = async () => {
    const seen = await capture(lab, 'outside', 'src host 16.158.1.100 and udp src port 4000')
    await until('the old connection', async () => {
      await old()
      return seen.lines.some((line) => line.includes('16.158.1.100.4000 >'))
    })
    await seen.stop()
  }
  await oldArrives()
  await until(
    'every port is taken',
    async () => {
      // In small lots, and again: what comes too fast is lost on its way to the switch.
      for (let first = 1024; first < 65_536; first += 192) {
        // Without an answer a connection is forgotten after a minute.
        if (first % 16_384 === 1024) await old()
        await send(
          lab,
          'usr1-1',
          Array.from({ length: 192 }, (_, n) => frame(first + n)),
        )
      }
      const taken = "ovs-appctl dpctl/dump-conntrack | grep -c '^udp.*dst=16.158.1.100,sport=7001'"
      const { stdout } = await lab.exec('vm1', ['sh', '-c', taken])
      return Number(stdout) === 64_512
    },
    120,
  )
  const refused = await cluster.drops(() =>
    send(
      lab,
      'usr1-3',
      Array.from({ length: 20 }, (_, n) => other(5000 + n)),
    ),
  )
  const drop = refused.find(({ flow }) => flow.rule === 'connections that get no address')
  t.is(drop?.packets, 20, JSON.stringify(refused.map(({ flow, packets }) => [flow.tableName, packets])))
  t.is(await refusal(lab, 'usr1-3', outside, 7001), 'EHOSTUNREACH')
  await oldArrives()
})

/** Datagrams of a workload to one port outside, by their source port. */
async function framesOf(name: string): Promise<(port: number) => Buffer> {
  const { stdout } = await lab.exec(name, [
    'sh',
    '-c',
    "cat /sys/class/net/eth0/address; ip -4 -o addr show eth0 | sed 's/.*inet //; s:/.*::'",
  ])
  const [mac = '', src = ''] = stdout.split('\n')
  return (port) =>
    ethernet('02:73:6c:00:00:01', mac, 0x0800, ipv4({ src, dst: outside, protocol: 17 }, udp(port, 7001)))
}
