import test from 'ava'
import { type ConnectionsByHost, ctState, type Fields } from '../../src/execution/index.js'
import { formatMatch } from '../../src/openflow/flow.js'
import { bridge, ends, ip, last, run, tcp, udp } from './support.js'

const [client, server] = ['10.0.0.1', '10.0.0.2']
const back = (fields: Partial<Fields> = {}) =>
  tcp(server, client, { tcpSrc: 80, tcpDst: 40000, tcpFlags: 0x12, ...fields })

/** Tracks in zone 5 and commits what is new; the state is what the last end has. */
const stateful = bridge([
  'table=0 actions=ct(zone=5,table=1)',
  'table=1,ct_state=+new+trk actions=ct(commit,zone=5,exec(set_field:0x7->ct_mark,set_field:0x30/0xf0->ct_label),table=2)',
  'table=1,ct_state=-new+trk actions=output:2',
  'table=2 actions=output:2',
])

function state(fields: Fields): string {
  return formatMatch({ ctState: { value: fields.ctState ?? 0, mask: 0xff } })
}

/** One packet after the other through {@link stateful}: state, mark and label of each. */
function sequence(...packets: readonly (Fields | { fields: Fields; about?: Fields; query?: number })[]) {
  let connections: ConnectionsByHost | undefined
  return packets.map((packet) => {
    const { fields, ...more } = 'fields' in packet ? packet : { fields: packet }
    const result = run(stateful, fields, more, connections)
    connections = result.connections
    const { ctState: bits = 0, ctMark = 0, ctLabel = 0n } = last(result)
    return [names(bits), ctMark, ctLabel]
  })
}

function names(bits: number): string {
  return Object.entries({ ...ctState, tracked: 0 })
    .filter(([, bit]) => bits & bit)
    .map(([name]) => name)
    .join()
}

test('TCP: new until answered, then established, replies in their direction', (t) => {
  t.deepEqual(
    sequence(tcp(client, server), tcp(client, server), back(), tcp(client, server, { tcpFlags: 0x10 })),
    [
      ['new', 7, 0x30n],
      ['new', 7, 0x30n],
      ['established,reply', 7, 0x30n],
      ['established', 7, 0x30n],
    ],
  )
})

test('TCP: picked up in the middle, but no half-open answer and no nonsense', (t) => {
  t.deepEqual(sequence(tcp(client, server, { tcpFlags: 0x10 })), [['new', 7, 0x30n]])
  t.deepEqual(sequence(back()), [['invalid', 0, 0n]])
  t.deepEqual(sequence(tcp(client, server, { tcpFlags: 3 })), [['invalid', 0, 0n]])
})

test('TCP: after a reset, or both FINs, a SYN begins anew', (t) => {
  const fin = [tcp(client, server, { tcpFlags: 0x11 }), back({ tcpFlags: 0x11 })]
  const open = [tcp(client, server), back()]
  const states = (...packets: readonly Fields[]) => sequence(...packets).map(([name]) => name)
  t.is(states(...open, back({ tcpFlags: 4 }), tcp(client, server)).at(-1), 'new')
  t.is(states(...open, ...fin, tcp(client, server)).at(-1), 'new')
  t.is(states(...open, tcp(client, server)).at(-1), 'established')
})

test('UDP and pings: by ports, by identifier', (t) => {
  const answer = udp(server, client, { udpSrc: 53, udpDst: 40000 })
  t.deepEqual(
    sequence(udp(client, server), udp(client, server), answer, udp(client, server)).map(([name]) => name),
    ['new', 'new', 'established,reply', 'established'],
  )
  const echo = (source: string, destination: string, type: number, query: number) => ({
    fields: { ...ip(source, destination), ipProto: 1, icmpv4Type: type },
    query,
  })
  t.deepEqual(
    sequence(
      echo(client, server, 8, 1),
      echo(server, client, 0, 1),
      echo(server, client, 0, 2),
      echo(server, client, 8, 1),
    ).map(([name]) => name),
    ['new', 'established,reply', 'invalid', 'new'],
  )
})

test('ICMP errors are related to what they are about, both ways, and invalid where that is unknown', (t) => {
  const unreachable = (source: string, destination: string, about: Fields) => ({
    fields: { ...ip(source, destination), ipProto: 1, icmpv4Type: 3, icmpv4Code: 1 },
    about,
  })
  const request = udp(client, server)
  const answer = udp(server, client, { udpSrc: 53, udpDst: 40000 })
  t.deepEqual(
    sequence(request, unreachable('10.0.0.9', client, request), unreachable(client, server, answer)),
    [
      ['new', 7, 0x30n],
      ['related,reply', 7, 0x30n],
      ['related', 7, 0x30n],
    ],
  )
  t.deepEqual(sequence(unreachable(server, client, request)), [['invalid', 0, 0n]])
})

test('marks change by their masks; the connection keeps the rest', (t) => {
  const marks = bridge([
    'table=0 actions=move:NXM_OF_TCP_DST[0..7]->NXM_NX_REG1[0..7],ct(commit,zone=NXM_NX_REG2[0..15],exec(set_field:0x1/0x1->ct_mark,move:NXM_NX_REG1[0..7]->NXM_NX_CT_LABEL[8..15]),table=1)',
    'table=1 actions=output:2',
  ])
  const first = run(marks, { ...tcp(client, server), reg2: 9 })
  t.like(last(first), { ctZone: 9, ctMark: 1, ctLabel: 0x5000n, ctNwSrc: client, ctTpDst: 80, ctNwProto: 6 })
  const connection = [...(first.connections.get('h1') ?? [])]
  t.is(connection.length, 1)
  t.like(connection[0], { zone: 9, mark: 1, label: 0x5000n })
})

test('zones and hosts do not meet; nothing is kept without commit; the input is not changed', (t) => {
  const zones = bridge([
    'table=0,reg0=0 actions=ct(commit,zone=1,table=1)',
    'table=0,reg0=1 actions=ct(zone=2,table=1)',
    'table=1 actions=output:2',
  ])
  const before: ConnectionsByHost = new Map()
  const first = run(zones, tcp(client, server), {}, before)
  t.is(before.size, 0)
  const other = run(zones, { ...back(), reg0: 1 }, {}, first.connections)
  t.is(names(last(other).ctState ?? 0), 'invalid')
  t.is([...(other.connections.get('h1') ?? [])].length, 1)
})

test('behind a ct action the packet is untracked again, and ct_clear takes the state away', (t) => {
  const flows = bridge([
    'table=0 actions=ct(commit,zone=1,table=1),goto_table:2',
    'table=1,ct_state=+trk actions=ct_clear,resubmit(,3)',
    'table=2,ct_state=-trk actions=output:2',
    'table=3,ct_state=-trk,ct_zone=0 actions=output:3',
  ])
  t.deepEqual(ends(run(flows, tcp(client, server))), ['port 3', 'port 2'])
})

test('source translation: there, back, and for ICMP errors', (t) => {
  const nat = bridge([
    'table=0,in_port=1 actions=ct(commit,zone=3,nat(src=192.0.2.1-192.0.2.2:5000-5001),table=1)',
    'table=0,in_port=2 actions=ct(zone=3,nat,table=1)',
    'table=1,in_port=1 actions=output:2',
    'table=1,in_port=2,ct_state=-new-inv actions=output:1',
  ])
  const out = run(nat, udp(client, server))
  t.like(last(out), { ipv4Src: '192.0.2.1', udpSrc: 5000, ipv4Dst: server, udpDst: 53 })
  t.is(names(last(out).ctState ?? 0), 'new,sourceTranslated')
  const answer = udp(server, '192.0.2.1', { udpSrc: 53, udpDst: 5000 })
  const home = run(nat, answer, { port: 2 }, out.connections)
  t.deepEqual(ends(home), ['port 1'])
  t.like(last(home), { ipv4Src: server, ipv4Dst: client, udpDst: 40000 })
  const error = run(
    nat,
    { ...ip('10.0.0.9', '192.0.2.1'), ipProto: 1, icmpv4Type: 3 },
    { port: 2, about: udp('192.0.2.1', server, { udpSrc: 5000 }) },
    out.connections,
  )
  t.deepEqual(ends(error), ['port 1'])
  t.is(last(error).ipv4Dst, client)
  const second = run(nat, udp('10.0.0.7', server), {}, out.connections)
  t.like(last(second), { ipv4Src: '192.0.2.1', udpSrc: 5001 })
  const third = run(nat, udp('10.0.0.8', server), {}, second.connections)
  t.like(last(third), { ipv4Src: '192.0.2.2', udpSrc: 5000 })
})

test('destination translation, in IPv6', (t) => {
  const nat = bridge([
    'table=0,in_port=1,ipv6 actions=ct(commit,zone=3,nat(dst=[2001:db8::5]:8080),table=1)',
    'table=0,in_port=2,ipv6 actions=ct(zone=3,nat,table=1)',
    'table=1,in_port=1 actions=output:2',
    'table=1,in_port=2,ct_state=+rpl actions=output:1',
  ])
  const there = run(nat, tcp('2001:db8::1', '2001:db8::2'))
  t.like(last(there), { ipv6Dst: '2001:db8::5', tcpDst: 8080 })
  const answer = tcp('2001:db8::5', '2001:db8::1', { tcpSrc: 8080, tcpDst: 40000, tcpFlags: 0x12 })
  const home = run(nat, answer, { port: 2 }, there.connections)
  t.deepEqual(ends(home), ['port 1'])
  t.like(last(home), { ipv6Src: '2001:db8::2', tcpSrc: 80 })
})

test('force makes the direction of the packet the connection’s', (t) => {
  const forced = bridge(['table=0 actions=ct(commit,force,zone=1,table=1)', 'table=1 actions=output:2'])
  const first = run(forced, udp(client, server))
  const other = run(forced, udp(server, client, { udpSrc: 53, udpDst: 40000 }), {}, first.connections)
  t.is(names(last(other).ctState ?? 0), 'new')
  t.is([...(other.connections.get('h1') ?? [])].length, 1)
})

test('what is not IP is invalid', (t) => {
  t.is(state(last(run(stateful, { ethType: 0x0806, arpOp: 1 }))), 'ct_state=inv|trk')
})
