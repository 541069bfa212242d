/** Connections to forwarded ports, and fragments that begin them, executed on the flows of a gateway's host. */
import test from 'ava'
import { type ConnectionsByHost, execute, type Fields } from '../../src/execution/index.js'
import { addressesOutside, Cluster, twoTenants } from '../support/cluster.js'
import { topologyOf } from '../support/execution.js'

const cluster = new Cluster().commit(...twoTenants, ...addressesOutside)
const address = '203.0.113.70'
const inside = { ipv4Dst: '192.168.2.5', udpDst: 80 }

/** A datagram from outside. */
function datagram(udpDst: number, more: Fields = {}): Fields {
  const macs = { ethSrc: '0a:ee:00:00:00:01', ethDst: '0a:ff:00:00:00:01' }
  const ip = { ethType: 0x0800, ipv4Src: '203.0.113.1', ipv4Dst: address, ipTtl: 64, ipProto: 17 }
  return { ...macs, ...ip, udpSrc: 4000, udpDst, ...more }
}

function send(fields: Fields, before?: ConnectionsByHost) {
  const datagramPorts = { source: 4000, destination: Number(fields.udpDst) }
  const { ends, connections } = execute(
    topologyOf(cluster),
    { host: 'h1', port: 200, packet: { fields, datagram: datagramPorts } },
    before,
  )
  const said = ends.map(({ end, header }) =>
    end === 'output' ? `${header.value('ipv4Dst')} ${header.number('udpDst')}` : end,
  )
  const rules = ends.map(({ step }) => step.lookup?.flow.unit ?? '')
  return { said, rules, connections }
}

test('datagrams go on while nobody answers', (t) => {
  const first = send(datagram(10_015))
  t.deepEqual(first.said, [`${inside.ipv4Dst} ${inside.udpDst}`])
  t.deepEqual(send(datagram(10_015), first.connections).said, first.said)
})

test('the first fragment is judged by its port, the others wait for it', (t) => {
  t.deepEqual(send(datagram(10_015, { ipFrag: 1 })).said, [`${inside.ipv4Dst} ${inside.udpDst}`])
  t.deepEqual(send(datagram(10_016, { ipFrag: 1 })).said, ['controller'])
  const { said, rules } = send(datagram(10_015, { ipFrag: 3 }))
  t.true(said.every((end) => end === 'dropped'))
  t.regex(rules.join(), /fragments that begin connections/)
})

test('where nothing is forwarded nothing is known of fragments', (t) => {
  const about = (of: Cluster) =>
    of.flows('h1').filter(([, , unit]) => /fragments that begin/.test(unit)).length
  t.is(about(new Cluster().commit(...twoTenants)), 0)
  t.true(about(cluster) > 0)
})
