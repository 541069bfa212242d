import test from 'ava'
import { succeed, until } from './support/open-vswitch.js'
import { TestCluster } from './support/test-cluster.js'
import { Pinging } from './support/traffic.js'
import { wide } from './support/wide.js'

const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  edit: (files) => {
    wide(files)
    files.edit('gateway.yaml', 'hosts: [vm1]', 'hosts: [vm1, vm2]')
  },
})
test.after.always(() => cluster.stop())

test.serial('ping', async (t) => {
  await until('the outside', async () => (await cluster.ping('usr1-4', '162.105.175.1', 1)).received > 0)
  for (const h of ['vm1', 'vm2', 'vm3'])
    console.log(
      h,
      await succeed(cluster.lab, h, ['ovs-ofctl', '-O', 'OpenFlow15', '--no-names', 'dump-groups', 'br-int']),
      await succeed(cluster.lab, h, [
        'ovs-vsctl',
        '--columns=name,bfd_status',
        'find',
        'Interface',
        'type=patch',
      ]),
    )
  const ping = await Pinging.start(cluster.lab, 'usr1-4', '162.105.175.1')
  await ping.answers()
  await cluster.lab.host('vm1').stop('ovs-vswitchd', 'SIGKILL')
  await ping.answers()
  console.log('kill', (await ping.stop()).lost.length)
  const p2 = await Pinging.start(cluster.lab, 'usr1-4', '162.105.175.1')
  await cluster.lab.host('vm1').start('ovs-vswitchd')
  await p2.answers(800)
  console.log('return', (await p2.stop()).lost.length)
  t.pass()
})
