import test from 'ava'
import { ExecutionError, execute, FlowTables, type Topology } from '../../src/execution/index.js'
import { parseFlow } from '../../src/openflow/flow.js'
import { bridge, ends, last, met, run, tcp, udp } from './support.js'

const packet = tcp('10.0.0.1', '10.0.0.2')

test('registers and fields: set with masks, load, move', (t) => {
  const { reg0, reg1, xreg1, ipv4Src, ethSrc } = {
    xreg1: undefined,
    ...last(
      run(
        bridge([
          'actions=set_field:0xff00->reg0,set_field:0x12/0xff->reg0,load:5->NXM_NX_REG1[4..7],move:NXM_NX_REG0[0..7]->NXM_NX_REG1[8..15],set_field:10.9.9.9->ip_src,set_field:0a:00:00:00:00:99->eth_src,output:2',
        ]),
        packet,
      ),
    ),
  }
  t.deepEqual(
    { reg0, reg1, xreg1, ipv4Src, ethSrc },
    { reg0: 0xff12, reg1: 0x1250, xreg1: undefined, ipv4Src: '10.9.9.9', ethSrc: '0a:00:00:00:00:99' },
  )
})

test('a field that the packet does not have is not written', (t) => {
  const flows = bridge(['actions=move:NXM_NX_REG0[0..7]->NXM_OF_ICMP_TYPE[],set_field:7->reg0,output:2'])
  const fields = last(run(flows, packet))
  t.is(fields.reg0, 7)
  t.is(fields.icmpv4Type, undefined)
})

test('the stack swaps, and gives zero when it is empty', (t) => {
  const swap =
    'actions=push:NXM_OF_ETH_DST[],move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],pop:NXM_OF_ETH_SRC[],pop:NXM_NX_REG5[],IN_PORT'
  const result = run(bridge([swap]), { ...packet, reg5: 9 })
  t.deepEqual(ends(result), ['port 1'])
  const { ethSrc, ethDst, reg5 } = last(result)
  t.deepEqual([ethSrc, ethDst, reg5], ['0a:00:00:00:00:02', '0a:00:00:00:00:01', undefined])
})

test('nothing goes back to where it came from, but by IN_PORT, or after the port was set to none', (t) => {
  t.deepEqual(ends(run(bridge(['actions=output:1,output:2']), packet)), ['same-port', 'port 2'])
  t.deepEqual(ends(run(bridge(['actions=set_field:0->in_port,output:1']), packet)), ['port 1'])
})

test('goto and resubmit go on in other tables, and a resubmit comes back with what was changed', (t) => {
  const flows = bridge([
    'cookie=1,table=0 actions=resubmit(,5),output:3,goto_table:7',
    'cookie=2,table=5 actions=set_field:4->reg0,output:2',
    'cookie=3,table=7,reg0=4 actions=output:4',
  ])
  const result = run(flows, packet)
  t.deepEqual(ends(result), ['port 2', 'port 3', 'port 4'])
  t.deepEqual(met(result), [1n, 2n, 3n])
  t.deepEqual(
    result.passes[0]?.steps.map(({ depth }) => depth),
    [0, 1, 1],
  )
  t.deepEqual(result.passes[0]?.steps[1]?.writes, [{ field: 'reg0', value: 4 }])
})

test('the port of a resubmit holds for the look-up only', (t) => {
  const flows = bridge([
    'table=0,in_port=1 actions=resubmit(9,1)',
    'table=1,in_port=9 actions=output:9,output:1,output:2',
  ])
  t.deepEqual(ends(run(flows, packet)), ['port 9', 'same-port', 'port 2'])
})

test('a pass that comes to nothing is dropped by its last step, with or without a flow', (t) => {
  t.deepEqual(ends(run(bridge(['actions=goto_table:3', 'table=3 actions=drop']), packet)), ['dropped at 3'])
  const missed = run(bridge(['actions=goto_table:4']), packet)
  t.deepEqual(ends(missed), ['dropped at 4'])
  t.is(missed.ends[0]?.step.lookup, undefined)
})

test('the action set is done at the end, and only where it sends the packet somewhere', (t) => {
  const flows = bridge([
    'table=0 actions=write_actions(output:2,set_field:10.0.0.9->ip_dst),goto_table:1',
    'table=1,tcp actions=set_field:1->reg0,write_actions(output:3)',
    'table=1,udp actions=clear_actions',
  ])
  const result = run(flows, packet)
  t.deepEqual(ends(result), ['port 3'])
  t.is(last(result).ipv4Dst, '10.0.0.9')
  t.deepEqual(ends(run(flows, udp('10.0.0.1', '10.0.0.2'))), ['dropped at 1'])
})

test('a TTL that comes to its end ends the list of actions', (t) => {
  const flows = bridge(['actions=dec_ttl,output:2'])
  t.is(last(run(flows, packet)).ipTtl, 63)
  const expired = run(flows, { ...packet, ipTtl: 1 })
  t.like(expired.ends, [{ end: 'dropped', expired: true }])
})

test('a packet’s length decides a bit', (t) => {
  const flows = bridge([
    'table=0 actions=check_pkt_larger(1400)->NXM_NX_REG0[0],goto_table:1',
    'table=1,reg0=0 actions=output:2',
    'table=1,reg0=1 actions=controller(userdata=05.06)',
  ])
  t.deepEqual(ends(run(flows, packet, { length: 1400 })), ['port 2'])
  const large = run(flows, packet, { length: 1401 })
  t.deepEqual(ends(large), ['controller'])
  t.like(large.ends[0], { action: { type: 'controller', userdata: Buffer.of(5, 6) } })
})

test('groups: all, indirect, select, fast failover; each bucket has a copy', (t) => {
  const groups = [
    'group_id=1,type=all,bucket=actions=set_field:1->reg0,output:2,bucket=actions=output:3',
    'group_id=2,type=select,bucket=weight:0,actions=output:2,bucket=weight:1,actions=output:3',
    'group_id=3,type=ff,bucket=watch_port:2,actions=output:2,bucket=watch_port:3,actions=output:3',
  ]
  const through = (group: number, dead?: number) => {
    const topology = bridge([`actions=group:${group},output:4`], groups)
    return run({ ...topology, alive: (_host, port) => port !== dead }, packet)
  }
  t.deepEqual(ends(through(1)), ['port 2', 'port 3', 'port 4'])
  t.is(last(through(1)).reg0, undefined)
  t.deepEqual(ends(through(2)), ['port 3', 'port 4'])
  t.deepEqual(ends(through(3)), ['port 2', 'port 4'])
  t.deepEqual(ends(through(3, 2)), ['port 3', 'port 4'])
})

test('a clone changes nothing for what follows; exit ends it all', (t) => {
  const cloned = run(bridge(['actions=clone(set_field:3->reg0,output:2),output:3']), packet)
  t.deepEqual(ends(cloned), ['port 2', 'port 3'])
  t.is(last(cloned).reg0, undefined)
  t.deepEqual(ends(run(bridge(['actions=resubmit(,1),output:3', 'table=1 actions=output:2,exit']), packet)), [
    'port 2',
  ])
})

test('a tunnel carries its key and addresses, and nothing of the registers', (t) => {
  const of = (...flows: readonly string[]) => ({
    flows: new FlowTables(flows.map((flow) => parseFlow(flow))),
  })
  const topology: Topology = {
    bridges: new Map([
      ['h1', of('actions=set_field:7->reg0,set_field:5->tun_id,set_field:10.0.0.2->tun_dst,output:100')],
      ['h2', of('cookie=9,tun_id=5,tun_src=10.0.0.1,tun_dst=10.0.0.2,reg0=0,in_port=101 actions=output:2')],
    ]),
    leads: (host, port, header) =>
      port === 100
        ? {
            ...{ to: 'bridge', host: 'h2', port: 101 },
            tunnel: { source: '10.0.0.1', destination: String(header.value('tunIpv4Dst')) },
          }
        : { to: 'station', name: `${host} ${port}` },
  }
  const result = execute(topology, { host: 'h1', port: 1, packet: { fields: packet } })
  t.deepEqual(ends(result), ['h2 2'])
  t.deepEqual(met(result), [0n, 9n])
})

test('what cannot be executed is refused by name', (t) => {
  const code = (flow: string) =>
    t.throws(() => run(bridge([flow]), packet), { instanceOf: ExecutionError })?.code
  t.is(code('actions=NORMAL'), 'unsupported-action')
  t.is(code('actions=learn(table=1,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[])'), 'unsupported-action')
  t.is(code('tun_metadata0=1 actions=drop'), 'unsupported-field')
  t.is(code('actions=resubmit(,0)'), 'too-many-steps')
  t.throws(() => execute(bridge([]), { host: 'h9', port: 1, packet: { fields: packet } }), {
    code: 'no-bridge',
  })
})
