import test from 'ava'
import { portName } from '../../src/attach/index.js'
import { until } from './support/open-vswitch.js'
import { TestCluster } from './support/test-cluster.js'

const cluster = await TestCluster.start({ scenario: 'tenants-gre' })
cluster.belongTo(test)
const { lab } = cluster

const iface = 'usr1/usr1-2'
const vsctl = (host: string, ...argv: string[]) => lab.exec(host, ['ovs-vsctl', ...argv])

async function placement(): Promise<{ host: string; ofport: number }> {
  for await (const { host, ofport } of cluster.client.get('workload', 'usr1-2'))
    return { host: String(host), ofport: Number(ofport) }
  return { host: '', ofport: 0 }
}

test.serial('of two interfaces with one iface-id one counts, and a warning says which', async (t) => {
  t.is((await placement()).host, 'vm2')
  await lab.exec('vm1', ['ip', 'link', 'add', 'twin', 'type', 'veth', 'peer', 'name', 'twin-far'])
  await vsctl(
    'vm1',
    'add-port',
    'br-int',
    'twin',
    '--',
    'set',
    'Interface',
    'twin',
    `external_ids:iface-id=${iface}`,
  )
  await until('the other host', async () => (await placement()).host === 'vm1')
  const [warning = ''] = (await cluster.client.status()).warnings
  for (const part of [iface, 'vm1/twin', `vm2/${portName(iface)}`]) t.true(warning.includes(part), warning)
  await vsctl('vm1', 'del-port', 'twin')
  await until('the other host', async () => (await placement()).host === 'vm2')
  await cluster.converge()
  t.deepEqual((await cluster.client.status()).warnings, [])
  t.deepEqual(await cluster.ping('usr1-1', '192.168.1.3'), { sent: 3, received: 3 })
})

test.serial('a port that comes back with another number works again', async (t) => {
  const before = await placement()
  const port = portName(iface)
  await vsctl('vm2', 'del-port', port)
  await until('the end of the port', async () => (await placement()).ofport !== before.ofport)
  t.is((await cluster.ping('usr1-1', '192.168.1.3', 1)).received, 0)
  await vsctl(
    'vm2',
    'add-port',
    'br-int',
    'taken',
    '--',
    'set',
    'Interface',
    'taken',
    'type=internal',
    `ofport_request=${before.ofport}`,
  )
  await vsctl(
    'vm2',
    'add-port',
    'br-int',
    port,
    '--',
    'set',
    'Interface',
    port,
    `external_ids:iface-id=${iface}`,
  )
  await until('the other host', async () => (await placement()).host === 'vm2')
  t.not((await placement()).ofport, before.ofport)
  await cluster.quiesce()
  for (const [from, to] of [
    ['usr1-1', '192.168.1.3'],
    ['usr1-2', '192.168.1.2'],
    ['usr1-2', '162.105.175.1'],
  ] as const)
    t.deepEqual(await cluster.ping(from, to), { sent: 3, received: 3 })
})
