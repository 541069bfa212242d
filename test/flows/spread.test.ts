/** Connections over several gateways: the groups that share them out. */
import test from 'ava'
import { watchesOf } from '../../src/host/watches.js'
import { formatActions } from '../../src/openflow/flow.js'
import { messageOf } from '../../src/pipeline/group-meter.js'
import { Cluster, twoTenants } from '../support/cluster.js'
import { egress, gateway, host, put, route } from '../support/rows.js'

const sessions = { h1: { watched: 31, loop: 32 }, h2: { watched: 33, loop: 34 } }
const rivals = [
  put('host', host('h3', 3)),
  put('gateway', gateway('far', 10, { hosts: ['h2'], address: '203.0.113.80' })),
  put('egress', egress('a/second', 28, { gateway: 'far' })),
  put('bridge', { id: 'h3', tunnelPort: 102, uplinks: {}, sessions }),
]

/** The groups of a host: `number type: watched group or port: actions`. */
function groupsOf(cluster: Cluster, id: string): readonly string[] {
  const desired = cluster.engine.groupsAndMeters(id)
  return [...(desired?.keys() ?? [])].sort().flatMap((key) => {
    const message = messageOf(desired?.get(key)?.content ?? '')
    if (message.type !== 'groupMod') return []
    const buckets = (message.buckets ?? []).map(({ watchPort, watchGroup, actions }) => {
      const watched = [watchPort && `port ${watchPort}: `, watchGroup && `group ${watchGroup}: `]
      return `  ${watched.filter(Boolean).join('')}${formatActions(actions)}`
    })
    return [`${message.group} ${message.groupType}`, ...buckets]
  })
}

test('a bucket for each gateway, alive while one of its hosts is; none known to be alive: all', (t) => {
  const cluster = new Cluster().commit(
    ...twoTenants,
    ...rivals,
    {
      table: 'port',
      id: 'h3/a3',
      row: { id: 'h3/a3', host: 'h3', name: 'a3', interface: 'a/one', ofport: 9 },
    },
    { table: 'port', id: 'h1/a1' },
  )
  t.deepEqual(groupsOf(cluster, 'h3'), [
    '131072 all',
    '  drop',
    '131081 fastFailover',
    '  port 31: drop',
    '131082 fastFailover',
    '  port 33: drop',
    '1073741832 select',
    '  group 131081: set_field:02:73:6c:01:00:09->eth_dst,set_field:0x3f1->reg3,resubmit(,70)',
    '  group 131082: set_field:02:73:6c:01:00:0a->eth_dst,set_field:0x3f2->reg3,resubmit(,70)',
    '1073741833 select',
    '  set_field:02:73:6c:01:00:09->eth_dst,set_field:0x3f1->reg3,resubmit(,70)',
    '  set_field:02:73:6c:01:00:0a->eth_dst,set_field:0x3f2->reg3,resubmit(,70)',
    '1073741834 fastFailover',
    '  group 131081: set_field:02:73:6c:01:00:09->eth_dst,set_field:0x3f1->reg3,resubmit(,70)',
    '  group 131082: set_field:02:73:6c:01:00:0a->eth_dst,set_field:0x3f2->reg3,resubmit(,70)',
    '  group 131072: set_field:02:73:6c:01:00:09->eth_dst,set_field:0x3f1->reg3,resubmit(,70)',
    '1073741835 fastFailover',
    '  group 131081: group:1073741832',
    '  group 131082: group:1073741832',
    '  group 131072: group:1073741833',
  ])
})

test('hosts of gateways that share connections are watched, though they are alone at their gateway', (t) => {
  const cluster = new Cluster().commit(...twoTenants, ...rivals)
  const watched = () => watchesOf('h3', cluster.model).map((watch) => watch.host)
  t.deepEqual(watched(), ['h2', 'h1'])
  cluster.commit({ table: 'egress', id: 'a/second' })
  t.deepEqual(watched(), [])
  t.deepEqual(groupsOf(cluster, 'h3'), [])
  cluster.commit(put('route', route('b/r', 40, '198.18.0.0/15', { gateways: ['far'] })))
  t.deepEqual(watched(), [])
  cluster.commit(put('route', route('b/r', 40, '198.18.0.0/15', { gateways: ['far', 'out'] })))
  t.deepEqual([...watched()].sort(), ['h1', 'h2'])
})

test('egresses that do not say the same of whom they are for share nothing', (t) => {
  const cluster = new Cluster().commit(...twoTenants, ...rivals)
  cluster.commit(put('egress', egress('a/second', 28, { gateway: 'far', select: { role: 'web' } })))
  t.deepEqual(cluster.model.by('rivals', ''), [])
  cluster.commit(put('egress', egress('a/third', 29, { gateway: 'out', select: { role: 'web' } })))
  t.deepEqual([...cluster.model.by('rivals', '')].sort(), ['far', 'out'])
})
