import test from 'ava'
import { announcement } from '../../src/frames/neighbours.js'
import { capture } from './support/capture.js'
import { ethernet, ipv4, send, udp } from './support/frames.js'
import { until } from './support/open-vswitch.js'
import { TestCluster } from './support/test-cluster.js'

const macs = { one: '00:16:3e:0c:07:73', two: '00:16:3e:29:de:c9', three: '00:16:3e:00:00:03' } as const
const container = { mac: '00:16:3e:00:00:60', ip: '192.168.1.60' }
const shared = '192.168.1.100'
const far = '192.168.7.2'

const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  edit: (files) => {
    files.edit(
      'usr1.yaml',
      /^ip: 192\.168\.1\.2$/m,
      `$&\nallowed: [{mac: "${container.mac}", ip: ${container.ip}}]`,
    )
    files.edit('usr1.yaml', /^ip: 192\.168\.1\.3$/m, `$&\nallowed: [${shared}]`)
    files.write(
      'more.yaml',
      [
        `kind: Workload\ntenant: usr1\nname: usr1-3\nnetwork: lan\nmac: ${macs.three}\nip: 192.168.1.4\nallowed: [${shared}]\n`,
        'kind: Network\ntenant: usr1\nname: dmz\nsubnet: 192.168.7.0/24\n',
        `kind: Workload\ntenant: usr1\nname: far\nnetwork: dmz\nip: ${far}\n`,
      ].join('---\n'),
    )
    files.edit('lab.yaml', /^ {2}vm1: .*$/m, '  vm1: [usr1/usr1-1, usr1/usr1-3, usr2/usr2-1]')
    files.edit('lab.yaml', /^ {2}vm2: .*$/m, '  vm2: [usr1/usr1-2, usr1/far, usr2/usr2-2]')
  },
})
cluster.belongTo(test)
const { lab } = cluster

async function run(at: string, ...commands: readonly string[]): Promise<void> {
  for (const command of commands) {
    const { status, stderr } = await lab.exec(at, ['sh', '-c', command])
    if (status !== 0) throw new Error(`${at}: ${command}: ${stderr}`)
  }
}

/** A bridge within usr1-1, and behind it a container (the namespace `station`) with a MAC and an address of its own. */
test.before(async () => {
  await run(
    'usr1-1',
    `ip link add br0 address ${macs.one} type bridge`,
    'ip address flush dev eth0',
    'ip link set eth0 master br0',
    `ip link add v0 type veth peer name inner address ${container.mac} netns ${lab.site.name}.station`,
    'ip link set v0 master br0 up',
    'ip link set br0 up',
    'ethtool -K br0 tx off',
    'ip address add 192.168.1.2/24 dev br0',
  )
  await run(
    'station',
    'ethtool -K inner tx off',
    'ip link set inner up',
    `ip address add ${container.ip}/24 dev inner`,
    'ip route add 192.168.7.0/24 via 192.168.1.1',
  )
})

const reaches = async (from: string, to: string) => (await cluster.ping(from, to)).received === 3

test.serial(
  'several MACs behind one port reach others and are reached, on any host and by the router',
  async (t) => {
    t.true(await reaches('station', '192.168.1.3'))
    t.true(await reaches('usr1-2', container.ip))
    t.true(await reaches('usr1-3', container.ip))
    t.true(await reaches('station', far))
    t.true(await reaches('far', container.ip))
    t.true(await reaches('usr1-1', '192.168.1.3'))
  },
)

test.serial('each MAC speaks with its own address only', async (t) => {
  const seen = await capture(lab, 'usr1-2', 'udp')
  const frame = (mac: string, src: string, port: number) =>
    ethernet(macs.two, mac, 0x0800, ipv4({ src, dst: '192.168.1.3', protocol: 17 }, udp(1, port)))
  await send(
    lab,
    'station',
    [
      frame(container.mac, '192.168.1.2', 1),
      frame(container.mac, '192.168.1.61', 2),
      frame('00:16:3e:00:00:61', container.ip, 3),
      frame(container.mac, container.ip, 4),
    ],
    'inner',
  )
  await seen.line(/\.4: UDP/)
  t.is((await seen.stop()).length, 1)
})

test.serial(
  'an address of several workloads is where it is in use, and moves without being told',
  async (t) => {
    const holders = [
      ['usr1-2', macs.two],
      ['usr1-3', macs.three],
      ['usr1-2', macs.two],
    ] as const
    for (const [holder, mac] of holders) {
      await run(holder, `ip address add ${shared}/32 dev eth0`)
      await send(lab, holder, [announcement({ address: shared, mac })])
      await until(
        `${holder} answers by the router`,
        async () => (await cluster.ping('far', shared, 1)).received === 1,
      )
      t.true(await reaches('station', shared), holder)
      t.true(await reaches('far', shared), holder)
      for (const other of ['usr1-2', 'usr1-3'])
        if (other !== holder) t.true(await reaches(other, shared), other)
      const { stdout } = await lab.exec('station', ['ip', 'neigh', 'show', shared])
      t.regex(stdout, new RegExp(mac))
      await run(holder, `ip address del ${shared}/32 dev eth0`)
    }
    t.is((await cluster.ping('usr1-1', shared, 1)).received, 0)
  },
)

test.serial('what an operator asks says so', async (t) => {
  const { stdout } = await cluster.sluice('get', 'network', 'usr1/lan', '--json')
  t.regex(stdout, new RegExp(`"stations":\\{"${shared}":"${macs.two}"\\}`))
})
