import test from 'ava'
import { ruleCounters } from '../support/fake-controller.js'
import { runCli } from '../support/run-cli.js'
import { serveFake } from '../support/serve-fake.js'

const workloads = [
  {
    id: 'workload/usr1/a',
    kind: 'Workload',
    tenant: 'usr1',
    name: 'a',
    file: 'usr1.yaml',
    line: 3,
    host: 'vm1',
    ifaceId: 'p1',
    addresses: ['10.0.0.1', '10.0.0.2'],
    limits: { rate: 1000 },
  },
  {
    id: 'workload/usr2/bb',
    kind: 'Workload',
    tenant: 'usr2',
    name: 'bb',
    file: 'usr2.yaml',
    line: 30,
    addresses: [],
  },
]

test('a table with place and host; nested fields are left out', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.objects = workloads
  t.deepEqual(await runCli(['get', 'workload', '--socket', socket]), {
    status: 0,
    stdout: `TENANT  NAME  HOST  IFACE-ID  ADDRESSES          PLACE
usr1    a     vm1   p1        10.0.0.1,10.0.0.2  usr1.yaml:3
usr2    bb    -     -         -                  usr2.yaml:30
`,
    stderr: '',
  })
})

test('one object with all it has', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.objects = workloads
  const { stdout } = await runCli(['get', 'workload', 'a', '--socket', socket])
  t.is(
    stdout,
    `# usr1.yaml:3
id: workload/usr1/a
kind: Workload
tenant: usr1
name: a
host: vm1
ifaceId: p1
addresses:
  - 10.0.0.1
  - 10.0.0.2
limits:
  rate: 1000
`,
  )
})

test('policies with their rules, each with its packets and place', async (t) => {
  const { controller, socket } = await serveFake(t)
  const { allowed, denied, replies } = ruleCounters()
  const counts = { allowed, denied, replies }
  const rule = { action: 'allow', log: true, file: 'usr1.yaml', ...counts }
  controller.objects = [
    {
      ...{ id: 'policy/usr1/web', kind: 'Policy', tenant: 'usr1', name: 'web', file: 'usr1.yaml', line: 12 },
      tier: 'tenant',
      selected: 3,
      ingress: [{ ...rule, index: 0, line: 14 }],
      default: { ingress: counts },
    },
    {
      ...{ id: 'policy/guard', kind: 'Policy', name: 'guard', file: 'guard.yaml', line: 1 },
      tier: 'admin',
      selected: 30,
      egress: [{ ...rule, index: 0, action: 'pass', file: 'guard.yaml', line: 5 }],
      default: { egress: counts },
    },
  ]
  t.deepEqual(await runCli(['get', 'policy', '--socket', socket]), {
    status: 0,
    stdout: `TENANT  POLICY  TIER    SELECTED  RULE             ACTION  ALLOWED  DENIED  REPLIES  PLACE
usr1    web     tenant  3                                                            usr1.yaml:12
                                  ingress/0        allow   12       0       9        usr1.yaml:14
                                  ingress/default  deny    12       0       9        usr1.yaml:12
-       guard   admin   30                                                           guard.yaml:1
                                  egress/0         pass    12       0       9        guard.yaml:5
`,
    stderr: '',
  })
})

test('links with both ends, and below an uplink who stands on its wire', async (t) => {
  const { controller, socket } = await serveFake(t)
  const link = (name: string) => ({ id: `link/${name}`, kind: 'Link', name })
  const [lastSeen, silentMs] = ['2026-01-02T03:04:05.678Z', 140]
  controller.objects = [
    {
      ...link('vm1~vm2'),
      ...{ type: 'tunnel', state: 'up', encapsulation: 'gre', lastSeen, silentMs },
      ends: [
        { host: 'vm1', address: '192.0.2.1' },
        { host: 'vm2', address: '192.0.2.2' },
      ],
      bfd: { vm1: 'up', vm2: 'down' },
    },
    {
      ...link('out@vm1'),
      ...{ type: 'uplink', state: 'down', reason: 'no carrier', encapsulation: 'vlan 5', passesLldp: true },
      ends: [
        { host: 'vm1', address: '203.0.113.70', bridge: 'br-ex', devices: ['eth1'] },
        { address: '203.0.113.1' },
      ],
      neighbours: [
        {
          chassis: '52:54:00:00:00:01',
          port: 'p1',
          systemName: 'sw7',
          ttlSeconds: 100,
          lastSeen,
          silentMs: 20_000,
        },
      ],
    },
    {
      ...link('far@vm1'),
      ...{ type: 'uplink', state: 'up', encapsulation: 'none', neighbours: [], passesLldp: false },
      ends: [{ host: 'vm1', bridge: 'br-far', devices: [] }, {}],
    },
  ]
  t.deepEqual(await runCli(['get', 'link', '--socket', socket]), {
    status: 0,
    stdout: `NAME     TYPE    STATE  FROM                         TO                               ENCAPSULATION  BFD      LAST-SEEN  REMARK
vm1~vm2  tunnel  up     vm1 192.0.2.1                vm2 192.0.2.2                    gre            up/down  0.1 s ago  -
out@vm1  uplink  down   vm1 br-ex/eth1 203.0.113.70  203.0.113.1                      vlan 5         -        never      no carrier
         lldp    heard  vm1                          sw7 (52:54:00:00:00:01) port p1  -              -        20 s ago   for 100 s
far@vm1  uplink  up     vm1 br-far                   -                                none           -        never      br-far keeps LLDP to itself
`,
    stderr: '',
  })
})

test('--json is an array of objects, also of one or none', async (t) => {
  const { controller, socket } = await serveFake(t)
  controller.objects = workloads
  t.deepEqual(JSON.parse((await runCli(['get', 'workload', '--json', '--socket', socket])).stdout), workloads)
  t.deepEqual(JSON.parse((await runCli(['get', 'workload', 'a', '--json', '--socket', socket])).stdout), [
    workloads[0],
  ])
  controller.get = async () => []
  t.is((await runCli(['get', 'workload', '--json', '--socket', socket])).stdout, '[]\n')
})

test('an unknown name is answered no, an unknown kind is wrong usage', async (t) => {
  const { socket } = await serveFake(t)
  t.deepEqual(await runCli(['get', 'workload', 'zz', '--socket', socket]), {
    status: 1,
    stdout: '',
    stderr: 'error: there is no workload zz\n',
  })
  t.is((await runCli(['get', 'thing', '--socket', socket])).status, 2)
})
