import test from 'ava'
import {
  formatActions,
  formatFlow,
  formatMatch,
  ParseError,
  type ParseErrorCode,
  parseActions,
  parseFlow,
  parseMatch,
} from '../../src/openflow/flow.js'
import { actionTexts, flowTexts, matchTexts } from '../support/flow-texts.js'

test('a flow with its counters is a line of dump-flows', (t) => {
  const flow = parseFlow('table=3,priority=10,cookie=0x5,idle_timeout=60,ip,nw_dst=1.2.3.4 actions=output:1')
  const counters = { seconds: 12, nanoseconds: 345000000, packets: 7n, bytes: 700n, idleAge: 3 }
  t.is(
    formatFlow({ ...flow, ...counters }, { stats: true }),
    ' cookie=0x5, duration=12.345s, table=3, n_packets=7, n_bytes=700, idle_timeout=60, idle_age=3, priority=10,ip,nw_dst=1.2.3.4 actions=output:1',
  )
  t.is(
    formatFlow(flow),
    ' cookie=0x5, table=3, idle_timeout=60, priority=10,ip,nw_dst=1.2.3.4 actions=output:1',
  )
})

test('a flow with nothing to say is short', (t) => {
  t.is(formatFlow({ table: 0, priority: 32768, cookie: 0n, match: {}, actions: [] }), ' actions=drop')
})

test('a match names its table and priority when they are not the default', (t) => {
  t.is(formatMatch({ ethType: 0x806 }, { table: 5, priority: 7 }), 'table=5,priority=7,arp')
  t.is(formatMatch({}), '')
})

test('what is printed reads as what was printed', (t) => {
  for (const text of [
    ...matchTexts.map((match) => `${match} actions=drop`),
    ...actionTexts.map((text) => `actions=${text}`),
    ...flowTexts,
  ]) {
    const line = formatFlow(parseFlow(text))
    t.is(formatFlow(parseFlow(line)), line)
  }
})

test('ports go by name where names are given', (t) => {
  const names = new Map([
    ['eth0', 3],
    ['vm-1', 4],
  ])
  t.is(formatMatch(parseMatch('in_port=eth0', { names })), 'in_port=3')
  t.is(
    formatActions(parseActions('output:"vm-1",eth0,resubmit(eth0,5)', { names })),
    'output:4,output:3,resubmit(3,5)',
  )
  t.throws(() => parseMatch('in_port=eth0'), { instanceOf: ParseError, message: /"eth0" is no port/ })
})

test('actions that depend on the match need it', (t) => {
  t.is(formatActions(parseFlow('tcp actions=mod_tp_dst:80').actions), 'set_field:80->tcp_dst')
  t.is(formatActions(parseFlow('udp6 actions=mod_tp_src:53').actions), 'set_field:53->udp_src')
  t.is(
    formatActions(parseFlow('actions=mod_vlan_vid:5').actions),
    'push_vlan:0x8100,set_field:4101->vlan_vid',
  )
  t.throws(() => parseFlow('ip actions=mod_tp_dst:80'), { instanceOf: ParseError })
})

const wrong: readonly (readonly [text: string, code: ParseErrorCode, offset: number])[] = [
  ['ip,nw_dst=1.2.3 actions=drop', 'bad-value', 10],
  ['nonsense=5 actions=drop', 'unknown-field', 0],
  ['ip', 'missing', 0],
  ['ip,nw_src=10.0.0.256 actions=drop', 'bad-value', 10],
  ['mpls,mpls_tc=8 actions=drop', 'bad-value', 13],
  ['ct_zone=5/5 actions=drop', 'bad-value', 8],
  ['table=0x5 actions=drop', 'bad-value', 6],
  ['actions=set_field:5->conj_id', 'bad-value', 21],
  ['actions=set_field:5->ct_mark', 'bad-value', 21],
  ['actions=ct(commit,exec(output:1))', 'bad-value', 23],
  ['actions=ct(commit,nat(src=10.0.0.5-10.0.0.1))', 'bad-value', 26],
  ['actions=goto_table:5,output:1', 'conflict', 21],
  ['actions=conjunction(1,3/2)', 'bad-value', 22],
  ['actions=conjunction(1,1/2),output:1', 'conflict', 27],
  ['actions=move:reg0[0..15]->reg1[0..7]', 'conflict', 26],
  ['actions=output:NONE', 'bad-value', 15],
  ['actions=multipath(eth_src,0x32,hrw,1,0,reg0)', 'bad-value', 26],
  ['actions=learn(idle_timeout=0x10)', 'bad-value', 27],
  ['reg0=0x100000000 actions=drop', 'bad-value', 5],
  ['ip actions=fly', 'unknown-action', 11],
  ['ip actions=load:1->NXM_NX_REG0[0..40]', 'bad-value', 31],
  ['ip actions=load:1->NXM_NX_REGX[]', 'unknown-field', 19],
  ['ip actions=ct(commit', 'syntax', 11],
  ['ip actions=ct(nonsense)', 'syntax', 14],
  ['ip actions=set_field:1', 'syntax', 21],
  ['ct_state=+est+nonsense actions=drop', 'bad-value', 9],
  ['table=300 actions=drop', 'bad-value', 6],
]

for (const [text, code, offset] of wrong) {
  test(`"${text}" is refused where it is wrong`, (t) => {
    const error = t.throws(() => parseFlow(text), { instanceOf: ParseError })
    t.is(error?.code, code)
    t.is(error?.offset, offset)
  })
}

test('what is said last of a place counts, and what such packets do not have is left out', (t) => {
  const match = (text: string) => formatMatch(parseMatch(text))
  t.is(match('reg0=1,reg0=2'), 'reg0=0x2')
  t.is(match('reg0=6,reg0[0..3]=5'), 'reg0=0x5')
  t.is(match('xreg0=5,reg0=6'), 'reg0=0x6,reg1=0x5')
  t.is(match('reg0=5,reg0=*'), '')
  t.is(match('tp_dst=80,tcp'), 'tcp,tp_dst=80')
  t.is(match('tp_dst=80'), '')
  t.is(match('icmp,tp_src=8'), 'icmp,icmp_type=8')
  t.is(match('tcp,arp'), 'arp,arp_op=6')
  t.is(match('dl_vlan=5,dl_vlan=6'), 'dl_vlan=6')
  t.is(match('vlan_pcp=3'), 'dl_vlan_pcp=3')
  t.is(match('dl_src=1:2:3:4:5:6'), 'dl_src=01:02:03:04:05:06')
})
