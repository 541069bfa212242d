import test from 'ava'
import { lldpFrame } from '../../src/frames/lldp.js'
import { Tunnels } from '../../src/links/tunnels.js'
import { Cluster, twoTenants } from '../support/cluster.js'
import { host, port, put } from '../support/rows.js'

function setUp() {
  const { model } = new Cluster().commit(
    ...twoTenants,
    put('host', host('h3', 3)),
    put('bridge', { id: 'h3', tunnelPort: 7, uplinks: {} }),
  )
  const sent: string[] = []
  const offline = new Set<string>()
  const tunnels = new Tunnels({
    model,
    exitsOf: () => ['h1'],
    send: (from, tunnelPort, to) => {
      if (!offline.has(from)) sent.push(`${from} by ${tunnelPort} to ${to}`)
      return !offline.has(from)
    },
  })
  return { model, tunnels, sent, offline }
}

test('a network that comes to a host opens its tunnels, both ways, once', (t) => {
  const { model, tunnels, sent } = setUp()
  tunnels.follow(
    model.commit([put('port', port('h3', 'w', 'a/two', 9)), { table: 'port', id: 'h2/a2' }]).changes,
  )
  t.deepEqual(sent.sort(), ['h1 by 100 to 10.0.0.3', 'h3 by 7 to 10.0.0.1'])
  tunnels.open('h3')
  t.is(sent.length, 2)
})

test('a switch that was not connected opens its tunnels when it is', (t) => {
  const { tunnels, sent, offline } = setUp()
  offline.add('h2')
  tunnels.open('h2')
  t.deepEqual(sent, ['h1 by 100 to 10.0.0.2'])
  offline.clear()
  tunnels.reconnected('h2')
  t.deepEqual(sent, ['h1 by 100 to 10.0.0.2', 'h2 by 101 to 10.0.0.1'])
})

test('an LLDP frame names chassis, port and time to live (IEEE 802.1AB)', (t) => {
  const frame = lldpFrame('h1', 'h2', 120)
  t.is(frame.length, 60)
  t.is(
    frame.toString('hex', 0, 32),
    '0180c200000e02736c00000288cc' + '0203076831' + '0403076832' + '06020078' + '0000' + '0000',
  )
})
