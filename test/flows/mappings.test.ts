import test from 'ava'
import { meters, packetInReasons } from '../../flows/answers.js'
import { decodeFlow } from '../../src/controller/views/flow-views.js'
import { Cluster, severalHosts, twoTenants } from '../support/cluster.js'

const told = (cluster: Cluster, host: string) =>
  cluster
    .flows(host)
    .filter(([, , unit]) => unit.includes('new connections are told of'))
    .map(([key, content]) => decodeFlow(key, content))

test('where several hosts carry a gateway, both translations of a new TCP connection are told of', (t) => {
  const shared = new Cluster().commit(...twoTenants, ...severalHosts)
  const flows = told(shared, 'h1')
  t.deepEqual(
    flows.map(({ table, match }) => [table, match.ethType]),
    [
      [83, 0x0800],
      [83, 0x86dd],
      [85, 0x0800],
      [85, 0x86dd],
    ],
  )
  for (const { table, match, actions } of flows) {
    t.like(match, { reg5: 9, ipProto: 6 })
    t.truthy(match.ctState)
    const [tell, next] = actions
    t.like(tell, { type: 'controller', meterId: meters.mapping.id })
    t.is(tell?.type === 'controller' && tell.userdata?.[0], packetInReasons.mapping)
    t.deepEqual(next, { type: 'gotoTable', table: table + 1 })
  }
})

test('where one host does, nothing is', (t) => {
  t.deepEqual(told(new Cluster().commit(...twoTenants), 'h1'), [])
})
