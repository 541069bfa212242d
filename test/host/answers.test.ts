import test from 'ava'
import { checkFacts } from '../../src/attach/index.js'
import { answerSteps, askingOf, factsOf } from '../../src/host/answers.js'
import { tables } from '../../src/host/schema.js'
import { Transaction } from '../../src/ovsdb/index.js'
import { fakeReplica } from '../support/fake-replica.js'

const network = {
  id: 'a/lan',
  tenant: 'a',
  name: 'lan',
  vni: 1,
  subnet: '10.0.0.0/24',
  subnet6: 'fd00::/64',
  gateway: '10.0.0.1',
  gateway6: 'fd00::1',
  mtu: 1458,
  routed: true,
}
const workload = {
  id: 'a/w',
  tenant: 'a',
  name: 'w',
  network: 'a/lan',
  mac: '02:00:00:00:00:01',
  addresses: ['10.0.0.2', 'fd00::2'],
  interface: 'a/w',
  key: 1,
  labels: {},
}

test('the answer is what attach understands', (t) => {
  t.deepEqual(checkFacts(JSON.parse(factsOf(workload, network))), {
    mac: '02:00:00:00:00:01',
    addresses: ['10.0.0.2/24', 'fd00::2/64'],
    gateways: ['10.0.0.1', 'fd00::1'],
    mtu: 1458,
  })
})

test('a router is of use in a routed network, to a workload of its family', (t) => {
  const gateways = (w: typeof workload, n: typeof network) => JSON.parse(factsOf(w, n)).gateways
  t.deepEqual(gateways(workload, { ...network, routed: false }), [])
  t.deepEqual(gateways({ ...workload, addresses: ['10.0.0.2'] }, network), ['10.0.0.1'])
})

test('of what nobody declared the answer is none', (t) => {
  t.is(factsOf(undefined, undefined), 'none')
})

test('only interfaces of our bridge that ask are answered, and only where the answer is another', (t) => {
  const asking = (name: string, facts: string) => ({
    name,
    ids: { 'iface-id': `a/${name}`, 'sluice:facts': facts },
  })
  const replica = fakeReplica([
    {
      name: 'br-int',
      ports: [
        asking('w', '?'),
        asking('x', 'told x'),
        asking('y', 'old'),
        { name: 'z', ids: { 'iface-id': 'a/z' } },
        { name: 'v', ids: { 'sluice:facts': '?' } },
      ],
    },
    { name: 'br-ex', ports: [asking('u', '?')] },
  ])
  const tx = new Transaction(tables)
  const ids = [...askingOf(replica, 'br-int').values()].flat()
  for (const step of answerSteps(replica, ids, (iface) => `told ${iface.slice(2)}`)) step(tx)
  t.deepEqual(
    tx.operations.map((each) => (each.op === 'mutate' ? each.mutations : each.op)),
    ['w', 'y'].map((name) => [
      ['external_ids', 'delete', ['set', ['sluice:facts']]],
      ['external_ids', 'insert', ['map', [['sluice:facts', `told ${name}`]]]],
    ]),
  )
})
