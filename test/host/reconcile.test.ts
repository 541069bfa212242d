import test from 'ava'
import { observe } from '../../src/host/observe.js'
import { datapathIdOf, type HostPlan, planHost } from '../../src/host/plan.js'
import { missingBridges, reconcile } from '../../src/host/reconcile.js'
import { type HostReplica, tables } from '../../src/host/schema.js'
import { Transaction } from '../../src/ovsdb/index.js'
import { fakeReplica } from '../support/fake-replica.js'
import { gateway, host, network } from '../support/rows.js'

const cluster = { id: 'cluster', name: 'test', encapsulation: 'gre' } as const
const plan = planHost(host('h1', 1), cluster, [gateway('out', 9)], 'tcp:10.0.0.9:6653')
const protocols = ['OpenFlow13', 'OpenFlow14', 'OpenFlow15']
const right = {
  name: 'br-int',
  datapathType: 'netdev',
  failMode: 'secure',
  protocols,
  otherConfig: { 'datapath-id': datapathIdOf('h1'), 'disable-in-band': 'true' },
  controllers: ['tcp:10.0.0.9:6653'],
  ports: [
    {
      name: 'sluice-tunnel',
      ids: { sluice: 'tunnel' },
      type: 'gre',
      options: { remote_ip: 'flow', key: 'flow', local_ip: '10.0.0.1' },
      ofport: 7,
    },
    {
      name: 'gw9-in',
      ids: { sluice: 'gateway/out' },
      type: 'patch',
      options: { peer: 'gw9-out' },
      ofport: 8,
    },
    { name: 'w', ids: { 'iface-id': 'a/w' }, ofport: 9 },
    { name: 'someone', ofport: 10 },
  ],
}
const outside = {
  name: 'br-ex',
  datapathType: 'netdev',
  ports: [
    { name: 'eth1' },
    { name: 'gw9-out', ids: { sluice: 'gateway/out' }, type: 'patch', options: { peer: 'gw9-in' } },
  ],
}

/** The operations that bring a database in step. */
function operations(
  replica: HostReplica,
  wanted: HostPlan = plan,
): readonly { op: string; table?: string }[] {
  const tx = new Transaction(tables)
  for (const step of reconcile(replica, wanted)) step(tx)
  return tx.operations
}

test('a database that is right gets no operation', (t) => {
  t.deepEqual(operations(fakeReplica([right, outside])), [])
})

test('a bridge is made with everything at once: secure, with its controller, in the datapath of its neighbours', (t) => {
  const made = operations(fakeReplica([{ ...outside, ports: [{ name: 'eth1' }] }]))
  const bridge = made.find(({ op, table }) => op === 'insert' && table === 'Bridge')
  t.like(bridge, { row: { name: 'br-int', fail_mode: 'secure', datapath_type: 'netdev' } })
  t.deepEqual(
    made.filter(({ op }) => op === 'mutate').map(({ table }) => table),
    ['Open_vSwitch', 'Bridge'],
  )
})

test('only what differs is written', (t) => {
  const ports = right.ports.filter(({ name }) => name !== 'someone')
  const differs = fakeReplica([
    { ...right, failMode: 'standalone', controllers: ['tcp:10.0.0.8:6653'], ports },
    outside,
  ])
  const made = operations(differs)
  t.deepEqual(
    made.map(({ op, table }) => `${op} ${table}`),
    ['update Bridge', 'insert Controller', 'update Bridge'],
  )
})

test('another encapsulation changes the tunnel port in place', (t) => {
  const vxlan = planHost(
    host('h1', 1),
    { ...cluster, encapsulation: 'vxlan' },
    [gateway('out', 9)],
    plan.controller,
  )
  const made = operations(fakeReplica([right, outside]), vxlan)
  t.is(made.length, 1)
  t.like(made[0], { op: 'update', table: 'Interface', row: { type: 'vxlan' } })
})

test('an uplink that no gateway wants any more goes from both bridges; ports of others stay', (t) => {
  const made = operations(
    fakeReplica([right, outside]),
    planHost(host('h1', 1), cluster, [], plan.controller),
  )
  t.deepEqual(
    made.map(({ op, table }) => `${op} ${table}`),
    ['mutate Bridge', 'mutate Bridge'],
  )
})

test('a controller that dials the switch leaves no controller row', (t) => {
  const made = operations(
    fakeReplica([right, outside]),
    planHost(host('h1', 1), cluster, [gateway('out', 9)], undefined),
  )
  t.is(made.length, 1)
  t.like(made[0], { op: 'update', table: 'Bridge' })
})

test('a switch that is dialled over TCP is told to listen there, and at its management socket need not be', (t) => {
  const listening = (openflow: string) =>
    planHost({ ...host('h1', 1), openflow }, cluster, [gateway('out', 9)], undefined).controller
  t.is(listening('tcp:10.0.0.1:6654'), 'ptcp:6654:10.0.0.1')
  t.is(listening('tcp:[fd00::1]:6654'), 'ptcp:6654:[fd00::1]')
  t.is(listening('unix:/run/openvswitch/br-int.mgmt'), undefined)
})

test('a bridge that the operator has not prepared is named, and nothing is put on it', (t) => {
  const replica = fakeReplica([right])
  t.deepEqual(missingBridges(replica, plan), ['br-ex'])
  t.deepEqual(operations(replica), [])
})

test('what a database says becomes rows: the ports of workloads, of the tunnel, of uplinks, and faults', (t) => {
  const failing = {
    name: 'gone',
    ids: { 'iface-id': 'a/gone' },
    ofport: -1,
    error: 'could not open network device gone',
  }
  const replica = fakeReplica([{ ...right, ports: [...right.ports, failing] }, outside])
  t.deepEqual(observe('h1', replica, plan), {
    bridge: { id: 'h1', tunnelPort: 7, uplinks: { out: 8 } },
    sessions: [],
    holdings: [],
    carriers: [
      {
        ...{ id: 'out@h1', gateway: 'out', host: 'h1', isUp: true },
        ...{ devices: ['eth1'], passesLldp: false },
      },
    ],
    outerBridges: [],
    ports: [{ id: 'h1/w', host: 'h1', name: 'w', interface: 'a/w', ofport: 9 }],
    faults: ['interface gone: could not open network device gone'],
  })
})

test('what the devices of a gateway’s bridge carry is told, the least of them; ports of ours do not count', (t) => {
  const mtusOf = (...ports: readonly { name: string; type?: string; mtu: number }[]) =>
    observe('h1', fakeReplica([right, { ...outside, ports: [...outside.ports, ...ports] }]), plan).bridge.mtus
  t.is(mtusOf(), undefined)
  t.deepEqual(mtusOf({ name: 'eth2', mtu: 1500 }, { name: 'eth3', mtu: 1400 }), { out: 1400 })
  t.is(mtusOf({ name: 'gw9', type: 'internal', mtu: 1300 }), undefined)
})

const watching = planHost(host('h1', 1), cluster, [gateway('out', 9)], plan.controller, [
  { host: 'h2', intervalMs: 300 },
])
const bfd = { enable: 'true', min_tx: '300', min_rx: '300' }
const [session] = watching.sessions
const sessionPorts = session
  ? [
      {
        name: session.watched,
        ids: { sluice: 'session/h2' },
        type: 'patch',
        options: { peer: session.loop },
        ofport: 11,
        bfd,
        bfdStatus: { forwarding: 'true' },
      },
      {
        name: session.loop,
        ids: { sluice: 'session/h2' },
        type: 'patch',
        options: { peer: session.watched },
        ofport: 12,
      },
    ]
  : []

test('another host is watched by two ports that lead to each other, and by none once it is not', (t) => {
  const made = operations(fakeReplica([right, outside]), watching)
  t.deepEqual(
    made.map(({ op, table }) => `${op} ${table}`),
    ['insert Interface', 'insert Port', 'mutate Bridge', 'insert Interface', 'insert Port', 'mutate Bridge'],
  )
  t.like(made[0], { row: { type: 'patch' } })
  const present = fakeReplica([{ ...right, ports: [...right.ports, ...sessionPorts] }, outside])
  t.deepEqual(operations(present, watching), [])
  t.deepEqual(
    operations(present).map(({ op, table }) => `${op} ${table}`),
    ['mutate Bridge', 'mutate Bridge'],
  )
})

test('another interval is written to the port that is there', (t) => {
  const present = fakeReplica([{ ...right, ports: [...right.ports, ...sessionPorts] }, outside])
  const sooner = planHost(host('h1', 1), cluster, [gateway('out', 9)], plan.controller, [
    { host: 'h2', intervalMs: 100 },
  ])
  const made = operations(present, sooner)
  t.is(made.length, 1)
  t.like(made[0], { op: 'update', table: 'Interface' })
})

const asking = planHost(
  host('h1', 1),
  cluster,
  [gateway('out', 9)],
  plan.controller,
  [],
  [],
  ['h1', 'h2'].map((id) => ({ gateway: 'out', host: id, intervalMs: 100 })),
)

test('ports that hear themselves are others for another interval: their sessions could never agree on it', (t) => {
  const names = (intervalMs: number) => {
    const questions = ['h1', 'h2'].map((id) => ({ gateway: 'out', host: id, intervalMs }))
    const { holders, lately } = planHost(host('h1', 1), cluster, [], plan.controller, [], [], questions)
    return [...holders, ...lately].flatMap(({ watched, loop }) => [watched, loop])
  }
  t.is(new Set([...names(100), ...names(300), ...names(100)]).size, 16)
})

test('a host of a gateway asks every host of it by a pair, and has two that say how long it is in touch', (t) => {
  const made = operations(fakeReplica([right, outside]), asking)
  const interfaces = made.filter(({ op, table }) => op === 'insert' && table === 'Interface')
  const having = (pair: string) => interfaces.filter((row) => JSON.stringify(row).includes(pair)).length
  t.is(interfaces.length, 12)
  t.is(having('["min_tx","100"]'), 2)
  t.is(having('["mult","2"]'), 2)
  t.is(having('["mult","1"]'), 2)
  t.deepEqual(
    ['holder/out/h1', 'holder/out/h2', 'steady-1', 'steady-2'].map((purpose) => having(`"${purpose}"`) > 0),
    [true, true, true, true],
  )
})

test('who carries a gateway becomes a row of the host that says so of itself', (t) => {
  const ports = [...asking.holders, ...asking.steady].flatMap(({ watched, loop, purpose }, index) => [
    {
      name: watched,
      ids: { sluice: purpose },
      type: 'patch',
      options: { peer: loop },
      ofport: 20 + index,
      bfdStatus: { forwarding: 'true' },
    },
    {
      name: loop,
      ids: { sluice: purpose },
      type: 'patch',
      options: { peer: watched },
      ofport: 30 + index,
    },
  ])
  const { bridge, holdings } = observe(
    'h1',
    fakeReplica([{ ...right, ports: [...right.ports, ...ports] }, outside]),
    asking,
  )
  t.deepEqual(holdings, [{ id: 'out@h1', gateway: 'out', host: 'h1', isUp: true }])
  t.deepEqual(bridge.holders, {
    out: { h1: { watched: 20, loop: 30 }, h2: { watched: 21, loop: 31 } },
  })
  t.deepEqual(bridge.steady, [
    { watched: 22, loop: 32 },
    { watched: 23, loop: 33 },
  ])
})

test('what a host sees becomes rows: the other host that it watches, and the carrier of its uplink', (t) => {
  const seen = (linkState: string) =>
    observe(
      'h1',
      fakeReplica([
        { ...right, ports: [...right.ports, ...sessionPorts] },
        { ...outside, ports: outside.ports.map((port) => ({ ...port, linkState })) },
      ]),
      watching,
    )
  t.like(seen('up'), {
    bridge: { id: 'h1', tunnelPort: 7, uplinks: { out: 8 }, sessions: { h2: { watched: 11, loop: 12 } } },
    sessions: [{ id: 'h1>h2', host: 'h1', other: 'h2', isUp: true }],
    carriers: [{ id: 'out@h1', gateway: 'out', host: 'h1', isUp: true }],
  })
  t.like(seen('down'), { carriers: [{ id: 'out@h1', gateway: 'out', host: 'h1', isUp: false }] })
})

const sharing = planHost(
  host('h1', 1),
  cluster,
  [gateway('out', 9, { hostPorts: [61_440, 65_535] })],
  plan.controller,
)
const dialled = {
  ...outside,
  controllers: ['tcp:192.0.2.9:6653'],
  services: ['tcp:10.0.0.9:6653'],
  datapathId: '00000a0000000001',
  ports: [
    { name: 'br-ex', type: 'internal', mac: '0a:00:00:00:00:01' },
    ...outside.ports.map((port) => ({ ...port, ofport: 3 })),
  ],
}

test('an operator’s bridge whose address is shared dials the controller too, beside those that it has', (t) => {
  const made = operations(fakeReplica([right, { ...outside, controllers: ['tcp:192.0.2.9:6653'] }]), sharing)
  t.like(made[0], {
    op: 'insert',
    table: 'Controller',
    row: { target: 'tcp:10.0.0.9:6653', type: 'service', external_ids: ['map', [['sluice', 'gateway']]] },
  })
  t.like(made[1], { op: 'mutate', table: 'Bridge' })
  t.is(made.length, 2)
  t.deepEqual(operations(fakeReplica([right, dialled]), sharing), [])
})

test('it goes on dialling until it is known to have no flow of ours', (t) => {
  const present = fakeReplica([right, dialled])
  const leaving = planHost(
    host('h1', 1),
    cluster,
    [gateway('out', 9)],
    plan.controller,
    [],
    [],
    [],
    ['br-ex'],
  )
  t.deepEqual(operations(present, leaving), [])
  const made = operations(present, plan)
  t.is(made.length, 1)
  t.like(made[0], { op: 'mutate', table: 'Bridge', mutations: [['controller', 'delete']] })
})

test('such a bridge becomes a row', (t) => {
  t.deepEqual(observe('h1', fakeReplica([right, outside]), sharing).outerBridges, [])
  t.deepEqual(observe('h1', fakeReplica([right, dialled]), sharing).outerBridges, [
    {
      id: 'h1/br-ex',
      host: 'h1',
      bridge: 'br-ex',
      datapathId: '00000a0000000001',
      mac: '0a:00:00:00:00:01',
      uplinks: { out: 3 },
    },
  ])
})

const onVlans = planHost(
  host('h1', 1),
  cluster,
  [gateway('out', 9)],
  plan.controller,
  [],
  [
    network('a/ten', 2, { vlan: { bridge: 'br-phys', tag: 10 } }),
    network('a/five', 1, { vlan: { bridge: 'br-phys', tag: 5 } }),
    network('a/own', 3, { vlan: { bridge: 'br-int', tag: 5 } }),
  ],
)
const [wire] = onVlans.wires
const [inner = '', outer = ''] = [wire?.inner, wire?.outer]
const physical = { name: 'br-phys', datapathType: 'netdev', ports: [{ name: 'eth2' }] }
const joined = [
  {
    ...right,
    ports: [
      ...right.ports,
      { name: inner, ids: { sluice: 'vlan/br-phys' }, type: 'patch', options: { peer: outer }, ofport: 20 },
    ],
  },
  outside,
  {
    ...physical,
    ports: [
      ...physical.ports,
      {
        ...{ name: outer, ids: { sluice: 'vlan/br-phys' }, type: 'patch', options: { peer: inner } },
        trunks: [5, 10],
      },
    ],
  },
]

test('a physical bridge is joined by one port pair, through which the VLANs of networks pass, and no others', (t) => {
  t.deepEqual(onVlans.wires, [{ bridge: 'br-phys', inner, outer, tags: [5, 10] }])
  const made = operations(fakeReplica([right, outside, physical]), onVlans)
  const port = made.find((operation) => 'row' in operation && Object(operation.row).name === outer)
  t.true(made.some(({ op, table }) => op === 'insert' && table === 'Port'))
  t.true(
    made.some(
      (operation) =>
        operation.op === 'insert' &&
        operation.table === 'Port' &&
        JSON.stringify(operation).includes('"vlan_mode":"trunk"') &&
        JSON.stringify(operation).includes('["set",[5,10]]'),
    ),
    JSON.stringify(port),
  )
  t.deepEqual(operations(fakeReplica(joined), onVlans), [])
  const [, third] = operations(fakeReplica(joined), plan)
  t.like(third, { op: 'mutate', table: 'Bridge' })
})

test('a host without the physical bridge has no port for it', (t) => {
  t.deepEqual(operations(fakeReplica([right, outside]), onVlans), [])
  t.deepEqual(missingBridges(fakeReplica([right, outside]), onVlans), [])
  t.is(observe('h1', fakeReplica([right, outside]), onVlans).bridge.wires, undefined)
  t.deepEqual(observe('h1', fakeReplica(joined), onVlans).bridge.wires, { 'br-phys': 20 })
})
