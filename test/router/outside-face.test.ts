import test from 'ava'
import type { IpPacket } from '../../src/frames/packet.js'
import { leavingFace, publicFace } from '../../src/router/outside-face.js'
import { Cluster, severalHostAddresses, severalHosts, twoTenants } from '../support/cluster.js'
import { egress, floatingIp, portForward, put } from '../support/rows.js'

const inside = '2001:db8:2::4'
const forward = put(
  'portForward',
  portForward('b/web', 21, 'b/one', { address: '2001:db8:f::80', port: 10_080, workloadPort: 80 }),
)
const floating = put('floatingIp', floatingIp('b/six', 22, 'b/one', { address: '2001:db8:f::13' }))

function faceOf(cluster: Cluster, protocol: number, port: number) {
  const { model } = cluster
  const [workload, gateway] = [model.get('workload', 'b/one'), model.get('gateway', 'out')]
  if (!workload || !gateway) throw new Error('no rows')
  const packet: IpPacket = {
    ...{ macSource: '', macDestination: '', source: '2001:db8:f::1', destination: inside, protocol },
    ...{ bytes: Buffer.alloc(0), payload: Buffer.alloc(0), isLaterFragment: false },
    ports: { source: 4000, destination: port },
  }
  return publicFace(packet, workload, gateway, 'h1', model) ?? leavingFace(packet, workload, model)
}

test('a forwarded port comes before a floating address, and that before an egress', (t) => {
  const all = new Cluster().commit(...twoTenants, forward, floating)
  t.deepEqual(faceOf(all, 6, 80), { address: '2001:db8:f::80', port: 10_080 })
  t.deepEqual(faceOf(all, 17, 80), { address: '2001:db8:f::13' })
  t.deepEqual(faceOf(all, 6, 81), { address: '2001:db8:f::13' })
  t.deepEqual(faceOf(new Cluster().commit(...twoTenants, forward), 6, 81), { address: '2001:db8:f::70' })
})

test('an egress that names the workload’s labels has its own address', (t) => {
  const own = egress('b/own', 23, { select: { role: 'client' }, address: '2001:db8:f::71' })
  t.deepEqual(faceOf(new Cluster().commit(...twoTenants, put('egress', own)), 6, 81), {
    address: '2001:db8:f::71',
  })
})

test('who cannot be known outside has none', (t) => {
  const cluster = new Cluster().commit(...twoTenants, { table: 'egress', id: 'b/internet' })
  t.is(faceOf(cluster, 6, 81), undefined)
})

test('a port forwarded at the address of hosts is at that of the host that carries the gateway', (t) => {
  const { model } = new Cluster().commit(...twoTenants, ...severalHosts, ...severalHostAddresses)
  const [workload, gateway] = [model.get('workload', 'a/one'), model.get('gateway', 'out')]
  if (!workload || !gateway) throw new Error('no rows')
  const packet: IpPacket = {
    ...{ macSource: '', macDestination: '', source: '192.0.2.1', destination: '192.168.1.2', protocol: 6 },
    ...{ bytes: Buffer.alloc(0), payload: Buffer.alloc(0), isLaterFragment: false },
    ports: { source: 4000, destination: 80 },
  }
  t.deepEqual(
    ['h1', 'h2'].map((host) => publicFace(packet, workload, gateway, host, model)?.address),
    ['203.0.113.70', '203.0.113.71'],
  )
})
