import test from 'ava'
import { capture } from './support/capture.js'
import { TestCluster } from './support/test-cluster.js'

/** Tunnels between addresses of IPv6; one database is at such an address too, and its switch dials the controller there. */
const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  edit: (files) => {
    files.edit('hosts.yaml', /^tunnelIp: .*\.(\d+)$/gm, 'tunnelIp: fd00::$1')
    files.edit('hosts.yaml', 'tcp:162.105.175.61:', 'tcp:[fd00::61]:')
  },
})
cluster.belongTo(test)

for (const [encapsulation, overhead, filter] of [
  ['gre', 62, 'ip6 proto 47'],
  ['vxlan', 70, 'ip6 and udp port 4789'],
  ['geneve', 70, 'ip6 and udp port 6081'],
] as const)
  test.serial(
    `${encapsulation} over IPv6: the other host, the outside, and a packet of the full size`,
    async (t) => {
      cluster.edit('cluster.yaml', /^encapsulation: \S+/m, `encapsulation: ${encapsulation}`)
      await cluster.converge()
      await cluster.up()
      await cluster.converge()
      const seen = await capture(cluster.lab, 'vm2', filter, { device: 'uplink' })
      for (const [from, to] of [
        ['usr1-1', '192.168.1.3'],
        ['usr2-2', '192.168.2.2'],
        ['usr1-2', '162.105.175.1'],
      ] as const)
        t.deepEqual(await cluster.ping(from, to), { sent: 3, received: 3 }, `${from} to ${to}`)
      const size = 1500 - overhead - 28
      const argv = ['ping', '-n', '-M', 'do', '-s', `${size}`, '-c', '1', '-W', '1', '192.168.1.3']
      t.regex((await cluster.lab.exec('usr1-1', argv)).stdout, / 1 received/)
      await seen.line(/echo request/)
      t.not((await seen.stop()).length, 0)
    },
  )
