/** Open vSwitch as the oracle of our own execution: the same tables, flows, outputs and fields for random packets. */
import test from 'ava'
import fc from 'fast-check'
import {
  type ConnectionsByHost,
  execute,
  type Fields,
  FlowTables,
  type Topology,
} from '../../src/execution/index.js'
import { parseFlow, parseGroup } from '../../src/openflow/flow.js'
import { startDummySwitch } from '../support/dummy-switch.js'
import { sendFlows } from '../support/read-flows.js'
import { ctNext, parseTrace, traceArgument, tracedPasses } from './support/trace.js'
import { traceOn } from './support/traced-switch.js'

/** Every feature that the pipeline uses, each in a table of its own; cookies count lines. */
const texts = [
  'table=0,priority=9,in_port=1,ip actions=set_field:0x1/0xf->reg0,resubmit(,10),ct(zone=5,table=20)',
  'table=0,priority=9,in_port=1,ipv6 actions=set_field:0x2/0xf->reg0,resubmit(,10),ct(zone=NXM_NX_REG0[0..15],table=20)',
  'table=0,priority=9,in_port=2 actions=resubmit(,10),resubmit(,11),goto_table:12',
  'table=0,priority=9,in_port=3 actions=group:1,clone(set_field:9->reg9,resubmit(,11)),resubmit(4,13),output:3',
  'table=0,priority=8,arp actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],set_field:2->arp_op,move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],IN_PORT',
  'table=0,priority=1 actions=goto_table:13',
  'table=10,priority=100,ip,nw_src=10.0.0.0/30 actions=conjunction(1,1/2),conjunction(2,1/3)',
  'table=10,priority=100,ip,nw_src=10.0.0.4/30 actions=conjunction(3,1/2)',
  'table=10,priority=100,tcp,tp_dst=80 actions=conjunction(1,2/2),conjunction(3,2/2)',
  'table=10,priority=100,udp,tp_dst=0x40/0xffc0 actions=conjunction(1,2/2)',
  'table=10,priority=100,ip,nw_dst=10.0.0.4/31 actions=conjunction(2,2/3)',
  'table=10,priority=100,tcp,tp_src=0x8000/0x8000 actions=conjunction(2,3/3)',
  'table=10,priority=100,conj_id=1,ip actions=set_field:0x11->reg1',
  'table=10,priority=100,conj_id=3,ip actions=set_field:0x33->reg1',
  'table=10,priority=90,conj_id=2,ip actions=set_field:0x22->reg1',
  'table=10,priority=95,tcp,tp_dst=443 actions=set_field:0x44->reg1',
  'table=10,priority=96,udp,tp_dst=443 actions=set_field:0x44->reg1',
  'table=10,priority=101,ip,nw_src=10.0.0.1,nw_dst=10.0.0.5 actions=set_field:0x55->reg1',
  'table=10,priority=50,ipv6,ipv6_src=2001:db8::/126 actions=conjunction(7,1/2)',
  'table=10,priority=50,ipv6,ipv6_dst=2001:db8::4/127 actions=conjunction(7,2/2)',
  'table=10,priority=50,conj_id=7 actions=set_field:0x77->reg1',
  'table=10,priority=0 actions=set_field:0x1->reg2',
  'table=11,priority=5,tcp actions=push:NXM_OF_TCP_SRC[],push:NXM_OF_TCP_DST[],pop:NXM_OF_TCP_SRC[],pop:NXM_OF_TCP_DST[],set_field:0xab00/0xff00->reg3',
  'table=11,priority=5,udp actions=move:NXM_OF_UDP_SRC[0..7]->NXM_NX_REG3[8..15],move:NXM_NX_REG3[]->NXM_NX_REG4[],load:0x5->NXM_NX_REG5[28..31]',
  'table=11,priority=6,ip,nw_frag=later actions=set_field:6->reg5',
  'table=11,priority=4,ip,reg9=9 actions=output:4',
  'table=12,priority=5,ip,reg1=0x10/0xf0 actions=dec_ttl,output:1,output:2,output:4',
  'table=12,priority=5,reg1=0x44/0xf4,ip actions=write_actions(set_field:10.9.9.9->ip_dst,output:3),goto_table:14',
  'table=12,priority=4,reg2=1 actions=set_field:0->in_port,output:2,exit,output:1',
  'table=13,priority=5,in_port=4,ip actions=output:4,output:1',
  'table=13,priority=5,in_port=4,ipv6 actions=set_field:0x1234567890->xreg3,ct_clear,output:4',
  'table=13,priority=7,vlan_tci=0x1000/0x1000 actions=pop_vlan,output:2',
  'table=13,priority=8,icmp,icmp_type=8 actions=set_field:0->icmp_type,move:NXM_OF_IP_SRC[]->NXM_OF_IP_DST[],IN_PORT',
  'table=13,priority=0 actions=drop',
  'table=14,priority=5,tcp actions=clear_actions,write_actions(output:2)',
  'table=14,priority=4,ip actions=set_field:3->reg6',
  'table=20,priority=9,ct_state=+inv+trk actions=drop',
  'table=20,priority=8,ct_state=+new+trk,ip actions=ct(commit,zone=NXM_NX_CT_ZONE[],exec(set_field:0x7->ct_mark)),resubmit(,12),output:2',
  'table=20,priority=8,ct_state=+new+trk,ipv6 actions=ct(commit,zone=NXM_NX_CT_ZONE[],table=21)',
  'table=20,priority=8,ct_state=+est+trk,ip actions=ct(zone=7,table=21)',
  'table=20,priority=7,ct_state=+trk actions=set_field:1->reg7,output:3',
  'table=21,priority=5,ct_zone=2 actions=move:NXM_NX_REG0[0..3]->NXM_NX_REG8[4..7],output:3',
  'table=21,priority=4,ct_state=-est+trk actions=output:4',
]
const groups = [
  'group_id=1,type=all,bucket=actions=set_field:4->reg4,output:1,bucket=actions=resubmit(,11),bucket=actions=output:3',
]

const flows = texts.map((text, i) => parseFlow(`cookie=${i + 1},${text}`))

const topology: Topology = {
  bridges: new Map([
    [
      'br0',
      {
        flows: new FlowTables(flows),
        groups: new Map(
          groups.map((text) => {
            const { group, groupType = 'all', buckets = [] } = parseGroup(text)
            return [group, { group, groupType, buckets }]
          }),
        ),
      },
    ],
  ]),
  leads: (_host, port) => ({ to: 'station', name: String(port) }),
}

const four = fc.integer({ min: 1, max: 5 }).map((n) => `10.0.0.${n}`)
const six = fc.integer({ min: 0, max: 7 }).map((n) => (n === 0 ? '2001:db8::' : `2001:db8::${n}`))
const port = fc.constantFrom(63, 64, 80, 80, 127, 128, 443, 0x7fff, 0x8000, 40_000)
const ends = { ethSrc: '0a:00:00:00:00:01', ethDst: '0a:00:00:00:00:02' }
const network: fc.Arbitrary<Fields> = fc.oneof(
  fc.record({ ethType: fc.constant(0x0800), ipv4Src: four, ipv4Dst: four }),
  fc.record({ ethType: fc.constant(0x86dd), ipv6Src: six, ipv6Dst: six }),
)
const transport: fc.Arbitrary<Fields> = fc.oneof(
  fc.record({
    ipProto: fc.constant(6),
    tcpSrc: port,
    tcpDst: port,
    tcpFlags: fc.constantFrom(0, 2, 0x10, 0x12, 4, 3),
  }),
  fc.record({ ipProto: fc.constant(17), udpSrc: port, udpDst: port }),
  fc.record({ ipProto: fc.constant(47), ipFrag: fc.constantFrom(0, 1, 3) }),
)
const icmp: fc.Arbitrary<Fields> = fc.oneof(
  fc.record({
    ...{ ethType: fc.constant(0x0800), ipv4Src: four, ipv4Dst: four },
    ...{ ipProto: fc.constant(1), icmpv4Type: fc.constantFrom(8, 0, 3) },
  }),
  fc.record({
    ...{ ethType: fc.constant(0x86dd), ipv6Src: six, ipv6Dst: six },
    ...{ ipProto: fc.constant(58), icmpv6Type: fc.constantFrom(128, 1) },
  }),
)
const packet: fc.Arbitrary<Fields> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(network, transport, fc.constantFrom(0, 0, 0, 0x1005), fc.constantFrom(64, 64, 1))
      .map(([a, b, vlanTci, ipTtl]) => ({ ...ends, ...a, ...b, vlanTci, ipTtl })),
  },
  { weight: 2, arbitrary: icmp.map((fields) => ({ ...ends, ...fields, ipTtl: 64 })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(four, four)
      .map(([arpSpa, arpTpa]) => ({ ...ends, ethType: 0x0806, arpOp: 1, arpSpa, arpTpa })),
  },
)

/** Meets the conjunction that chance would meet seldom. */
const threeDimensions = [
  {
    ...{ ...ends, ethType: 0x0800, ipv4Src: '10.0.0.2', ipv4Dst: '10.0.0.4', ipTtl: 64 },
    ...{ ipProto: 6, tcpSrc: 40_000, tcpDst: 127, tcpFlags: 2 },
  },
  2,
] as const

/** What answers a packet. */
function reversed(fields: Fields): Fields {
  const { ipv4Src, ipv4Dst, ipv6Src, ipv6Dst, tcpSrc, tcpDst, udpSrc, udpDst, tcpFlags, ...others } = fields
  return {
    ...others,
    ...(ipv4Src !== undefined && ipv4Dst !== undefined && { ipv4Src: ipv4Dst, ipv4Dst: ipv4Src }),
    ...(ipv6Src !== undefined && ipv6Dst !== undefined && { ipv6Src: ipv6Dst, ipv6Dst: ipv6Src }),
    ...(tcpSrc !== undefined && tcpDst !== undefined && { tcpSrc: tcpDst, tcpDst: tcpSrc }),
    ...(udpSrc !== undefined && udpDst !== undefined && { udpSrc: udpDst, udpDst: udpSrc }),
    ...(tcpFlags !== undefined && { tcpFlags: tcpFlags | 0x10 }),
  }
}

test('random packets through conjunctions, masks, stacks, groups and conntrack', async (t) => {
  t.timeout(240_000)
  const ovs = await startDummySwitch()
  t.teardown(() => ovs.stop())
  for (const group of groups) await ovs.tool('ovs-ofctl', '-O', 'OpenFlow15', 'add-group', ovs.bridge, group)
  t.deepEqual(await sendFlows(ovs.socket, 6, flows), [])
  const met = new Set<bigint>()
  const parts = flows.filter(({ actions }) => actions.some(({ type }) => type === 'conjunction'))
  const never = () => flows.filter((flow) => !met.has(flow.cookie) && !parts.includes(flow))
  let connections: ConnectionsByHost | undefined
  // Chance may leave out a flow: then it gets more.
  for (let round = 0; round < 4 && never().length > 0; round++) {
    const arrivals = fc.sample(fc.tuple(packet, fc.integer({ min: 1, max: 4 })), 300)
    for (const [one, inPort] of [...arrivals, threeDimensions])
      for (const fields of [one, reversed(one)]) {
        const arrival = { host: 'br0', port: inPort, packet: { fields } }
        const execution = execute(topology, arrival, connections)
        connections = execution.connections
        for (const { steps } of execution.passes)
          for (const { lookup } of steps) if (lookup) met.add(lookup.flow.cookie)
        const text = await traceOn(ovs, traceArgument(fields, inPort), ...ctNext(execution))
        t.deepEqual(tracedPasses(execution), parseTrace(text), text)
      }
  }
  t.deepEqual(
    never().map(({ cookie }) => texts[Number(cookie) - 1]),
    [],
  )
})
