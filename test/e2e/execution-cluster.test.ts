/** Our own execution against Open vSwitch's trace on a cluster: the flows that its switches have, gateway included. */
import test from 'ava'
import fc from 'fast-check'
import { routerMac } from '../../flows/addresses.js'
import { execute, type Fields, FlowTables, type Topology } from '../../src/execution/index.js'
import { parseFlow } from '../../src/openflow/flow.js'
import { plainFlows, succeed, until } from './support/open-vswitch.js'
import { TestCluster } from './support/test-cluster.js'
import { ctNext, parseTrace, traceArgument, tracedPasses } from './support/trace.js'

const cluster = await TestCluster.start({
  scenario: 'tenants-gre',
  edit: (files) =>
    files.write(
      'web.yaml',
      [
        'kind: Policy\ntenant: usr1\nname: web\nselect: {}\nestablished: keep\ningress:\n',
        '- from:\n  - cidr: 192.168.0.0/16\n    except: [192.168.1.128/25]\n  - select: {role: absent}\n',
        '  ports: [tcp/80, tcp/8000-8100, icmp/8]\n- ports: [tcp/22]\n  action: reject\n  log: true\n',
        'egress:\n- ports: [tcp, icmp]\n- to:\n  - cidr: 162.105.0.0/16\n  ports: [udp/53, udp/123]\n',
        '---\nkind: Mirror\ntenant: usr1\nname: all\nto: usr1-2\n',
      ].join(''),
    ),
})
// A few seconds after its first policy a tenant has other flows than before: not while they are compared.
test.before(() =>
  until('flows that stay', async () => {
    const flows = (await Promise.all(['vm1', 'vm2'].map((host) => cluster.flows(host)))).flat()
    return !flows.some(({ rule }) => rule?.startsWith('what may answer connections older'))
  }),
)
cluster.belongTo(test)

const macs = ['00:16:3e:0c:07:73', '00:16:3e:29:de:c9', '00:16:3e:a3:ba:15', routerMac, 'ff:ff:ff:ff:ff:ff']
const addresses = [
  ...['192.168.1.2', '192.168.1.3', '192.168.1.1', '192.168.2.2', '192.168.2.3', '192.168.2.1'],
  ...['162.105.175.70', '162.105.175.1', '8.8.8.8', '10.0.0.1', '224.0.0.1'],
]

/** A workload on each host: half of the packets are its own, so that they come farther than the spoof guard. */
const own = {
  vm1: { ethSrc: '00:16:3e:0c:07:73', ipv4Src: '192.168.1.2' },
  vm2: { ethSrc: '00:16:3e:29:de:c9', ipv4Src: '192.168.1.3' },
} as const
type Station = (typeof own)[keyof typeof own]

const address = fc.constantFrom(...addresses)
const port = fc.constantFrom(22, 53, 80, 123, 8050, 40_000)
/** Never that of the destination: what a gateway asks of itself by one port is its own answer, which a trace cannot know. */
const source = fc.constantFrom(20, 1023, 8051, 40_001)
const ends = (station: Station): fc.Arbitrary<Fields> =>
  fc
    .tuple(
      ...[fc.constantFrom(...macs), fc.constantFrom(...macs), address, address],
      ...[fc.boolean(), fc.constantFrom(1, 2, 64)],
    )
    .map(([ethSrc, ethDst, ipv4Src, ipv4Dst, isOwn, ipTtl]) => ({
      ...{ ethType: 0x0800, ipTtl, ethSrc, ethDst, ipv4Src, ipv4Dst },
      ...(isOwn ? station : {}),
    }))
const inside: fc.Arbitrary<Fields> = fc.oneof(
  fc.record({ ipProto: fc.constant(6), tcpSrc: source, tcpDst: port, tcpFlags: fc.constantFrom(2, 16) }),
  fc.record({ ipProto: fc.constant(17), udpSrc: source, udpDst: port }),
  fc.record({ ipProto: fc.constant(1), icmpv4Type: fc.constantFrom(8, 0) }),
)
const packet = (station: Station): fc.Arbitrary<Fields> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.tuple(ends(station), inside).map(([a, b]) => ({ ...a, ...b })) },
    {
      weight: 1,
      arbitrary: fc.tuple(address, fc.constantFrom(1, 2)).map(([arpTpa, arpOp]) => ({
        ...{ ethType: 0x0806, ethSrc: station.ethSrc, ethDst: 'ff:ff:ff:ff:ff:ff', arpOp, arpTpa },
        ...{ arpSpa: station.ipv4Src, arpSha: station.ethSrc },
      })),
    },
  )

for (const host of ['vm1', 'vm2'] as const)
  test(`random packets at the ports of ${host}`, async (t) => {
    t.timeout(180_000)
    const unsettled = async () =>
      (await cluster.flows(host)).some(({ rule }) => rule?.startsWith('what may answer connections older'))
    await until('the policy to be settled', async () => !(await unsettled()))
    const flows = (await plainFlows(cluster.lab, host)).map((text) => parseFlow(text))
    const ports = flows.flatMap(({ table, match }) =>
      table === 0 && typeof match.inPort === 'number' ? [match.inPort] : [],
    )
    t.true(ports.length > 2)
    const topology: Topology = {
      bridges: new Map([[host, { flows: new FlowTables(flows) }]]),
      leads: (_host, to) => ({ to: 'station', name: String(to) }),
    }
    const met = new Set<number>()
    const many = host === 'vm1' ? 25 : 20
    const arrivals = fc.tuple(packet(own[host]), fc.constantFrom(...ports))
    // 250 packets seldom miss a part of the tables, and then some more are drawn.
    const draw = function* () {
      for (let round = 0; round < 4 && met.size <= many; round++) yield* fc.sample(arrivals, 250)
    }
    for (const [fields, inPort] of draw()) {
      const execution = execute(topology, { host, port: inPort, packet: { fields } })
      for (const { steps } of execution.passes) for (const { table } of steps) met.add(table)
      const argv = [
        ...['ovs-appctl', 'ofproto/trace', 'br-int'],
        ...[traceArgument(fields, inPort), ...ctNext(execution)],
      ]
      const text = await succeed(cluster.lab, host, argv)
      // The command knows no label of a connection that the packet itself has opened: from there on it is not asked.
      const labelled = execution.passes.findIndex(
        ({ from, before }) => from === 'conntrack' && before.get('ctLabel') !== 0n,
      )
      const compared = labelled < 0 ? execution.passes.length : labelled
      const [ours, theirs] = [tracedPasses(execution), parseTrace(text)].map((passes) =>
        passes.slice(0, compared),
      )
      if (!ours || !theirs) return t.fail()
      t.deepEqual(
        ours.map(({ steps }) => steps),
        theirs.map(({ steps }) => steps),
        text,
      )
      t.deepEqual(
        ours.map(({ fields }) => fields),
        theirs.map(({ fields }) => fields),
        text,
      )
    }
    t.true(met.size > many, [...met].join())
  })
